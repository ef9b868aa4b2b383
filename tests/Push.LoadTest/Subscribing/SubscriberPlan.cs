namespace Push.LoadTest.Subscribing;

/// <summary>What one subscriber process has to do; the first line on its standard input.</summary>
internal sealed record SubscriberPlan
{
    /// <summary>Where to connect to, <c>host:port</c>; connections take turns.</summary>
    public required string[] EndPoints { get; init; }

    /// <summary>Request target of the upgrade, with <c>{room}</c> and <c>{token}</c>.</summary>
    public required string Path { get; init; }

    public required WireForm Form { get; init; }

    /// <summary>This process's connections, by room.</summary>
    public required RoomMembers[] Rooms { get; init; }

    /// <summary>One token a line, taken in turn; null where the server knows none.</summary>
    public string? TokenFile { get; init; }

    /// <summary>The first token of this process.</summary>
    public int TokenOffset { get; init; }

    /// <summary>Lanes of a room, and of what goes to everybody.</summary>
    public required int Lanes { get; init; }

    /// <summary>Connections to be opened at once.</summary>
    public int ConnectWindow { get; init; } = 256;

    /// <summary>Of its own, where the machine's port numbers for one address do not suffice.</summary>
    public string? SourceAddress { get; init; }

    /// <summary>The publisher's datagram socket, told about each message that has reached all members here; null in open loop.</summary>
    public string? FeedbackPath { get; init; }
}

/// <param name="Name">As the server knows it.</param>
/// <param name="Number">As the stamp knows it.</param>
/// <param name="Members">Connections that read.</param>
/// <param name="Stalling">Further connections that stop reading when told.</param>
internal sealed record RoomMembers(string Name, int Number, int Members, int Stalling = 0);

/// <summary>How messages come on the WebSocket.</summary>
internal enum WireForm
{
    /// <summary>A message is a frame.</summary>
    Plain,

    /// <summary>NATS' client protocol inside binary frames.</summary>
    Nats,
}
