namespace Push.Contracts;

/// <summary>The heartbeat deadline of a connection has passed: the Edge that holds it closes it. Delivered at least once; other Edges ignore it.</summary>
public sealed record ConnectionExpired
{
    /// <summary>The Edge that registered the connection.</summary>
    public required string EdgeId { get; init; }

    /// <summary>The connection, unique across Edges.</summary>
    public required string ConnectionId { get; init; }

    /// <summary>The session (token id, the <c>jti</c> claim) whose liveness key ran out.</summary>
    public required string TokenId { get; init; }
}
