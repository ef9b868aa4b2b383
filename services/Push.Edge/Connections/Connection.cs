using Push.Contracts;
using Push.Tokens;

namespace Push.Edge.Connections;

/// <summary>One WebSocket: its session, its rooms, and what is on the way to it.</summary>
internal sealed class Connection
{
    public string Id => throw new NotImplementedException();

    public SessionToken Session => throw new NotImplementedException();

    public IReadOnlyList<string> Rooms => throw new NotImplementedException();

    /// <summary>Queues a control frame (ping, pong) between whole frames.</summary>
    public void SendControl(byte opcode, ReadOnlySpan<byte> payload) => throw new NotImplementedException();

    /// <summary>Sends a close frame once, waits a bounded time for the peer's, then ends the transport. Idempotent: the first reason stands.</summary>
    public void Close(CloseReason reason) => throw new NotImplementedException();
}
