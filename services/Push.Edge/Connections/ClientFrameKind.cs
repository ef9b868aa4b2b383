namespace Push.Edge.Connections;

/// <summary>What <see cref="ClientFrameReader"/> found.</summary>
internal enum ClientFrameKind
{
    /// <summary>The rest of the frame is still on its way.</summary>
    Incomplete,

    /// <summary>A data frame: in plain mode nothing that a client says matters, but it must be well-formed.</summary>
    Data,

    Ping,

    Pong,

    Close,

    /// <summary>The client has broken the protocol; nothing after it can be read.</summary>
    Violation,
}
