namespace Push.Contracts;

/// <summary>
/// Why a connection ends: the WebSocket close code and the text in the close frame. The code says whether to come back:
/// 40xx do not retry unchanged, 41xx back off, 42xx reconnect with jitter; the rest are RFC 6455's.
/// </summary>
/// <param name="Code">The close code (RFC 6455, section 7.4).</param>
/// <param name="Text">At most 123 bytes of UTF-8.</param>
public sealed record CloseReason(ushort Code, string Text)
{
    public static CloseReason Normal { get; } = new(1000, "");

    /// <summary>The Edge drains: reconnect to another one. Not 1012, nor 1013 for an overload: several WebSocket libraries take codes that came after RFC 6455 for an error.</summary>
    public static CloseReason Draining { get; } = new(1001, "draining");

    public static CloseReason ProtocolError { get; } = new(1002, "protocol error");

    public static CloseReason InvalidUtf8 { get; } = new(1007, "invalid UTF-8");

    /// <summary>A compressed message can't be decompressed (RFC 7692).</summary>
    public static CloseReason CorruptMessage { get; } = new(1007, "corrupt compressed message");

    public static CloseReason TooBig { get; } = new(1009, "message too big");

    /// <summary>The client reads more slowly than its rooms are written to.</summary>
    public static CloseReason SlowConsumer { get; } = new(4101, "slow consumer");

    public static CloseReason HeartbeatTimeout { get; } = new(4201, "heartbeat timeout");

    /// <summary>The TCP connection ended without a close frame: nothing is sent for it, it only names the end.</summary>
    public static CloseReason ConnectionLost { get; } = new(1006, "connection lost");
}
