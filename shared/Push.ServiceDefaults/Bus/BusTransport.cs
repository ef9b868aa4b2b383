namespace Push.ServiceDefaults.Bus;

/// <summary>What carries events between the modules.</summary>
public enum BusTransport
{
    RabbitMq,

    /// <summary>Within this process alone.</summary>
    InMemory,
}
