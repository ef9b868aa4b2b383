namespace Push.EndToEndTests.Setup;

/// <summary>A way into a running Push. The contract is the same behind each of them.</summary>
public enum Entrance
{
    /// <summary>One process on embedded parts.</summary>
    AllInOne,

    /// <summary>Separate processes over RabbitMQ and Redis, two Apis and two Edges, called directly.</summary>
    Services,

    /// <summary>The same processes through the gateway.</summary>
    Gateway,
}
