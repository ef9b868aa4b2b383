namespace Push.Edge.Listening;

/// <summary>What a handshake says (RFC 6455, section 4.2.1), wherever it was read: by the listener itself or by ASP.NET Core.</summary>
internal readonly record struct UpgradeRequest
{
    /// <summary>A GET of HTTP/1.1 that asks to be upgraded to <c>websocket</c>.</summary>
    public required bool IsUpgrade { get; init; }

    /// <summary><c>Sec-WebSocket-Version</c>.</summary>
    public required string? Version { get; init; }

    /// <summary><c>Sec-WebSocket-Key</c>.</summary>
    public required string? Key { get; init; }

    /// <summary><c>Sec-WebSocket-Extensions</c>, all of its fields; null where there is none.</summary>
    public required string? Extensions { get; init; }

    public required string? Origin { get; init; }

    public required string? Host { get; init; }

    /// <summary>It came through a gateway that listens on more than loopback.</summary>
    public required bool IsThroughNetworkGateway { get; init; }

    /// <summary>As it stands in the request line, with its question mark; empty where there is none.</summary>
    public required string Query { get; init; }
}
