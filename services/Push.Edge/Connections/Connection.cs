using Push.Contracts;
using Push.Tokens;

namespace Push.Edge.Connections;

/// <summary>One WebSocket: its session, its rooms, and what is on the way to it.</summary>
/// <remarks>
/// The read loop owns its life: <c>TryOpen</c>, <see cref="Start"/>, read until <see cref="IsEnded"/> or the transport ends, and in the end
/// <see cref="ConnectionRegistry.Remove"/>, whatever happened in between.
/// </remarks>
internal sealed class Connection
{
    public string Id => throw new NotImplementedException();

    public SessionToken Session => throw new NotImplementedException();

    public IReadOnlyList<string> Rooms => throw new NotImplementedException();

    /// <summary>Why it ends; null while it is open.</summary>
    public CloseReason? CloseReason => throw new NotImplementedException();

    /// <summary>Nothing more will be written: the read loop returns.</summary>
    public bool IsEnded => throw new NotImplementedException();

    /// <summary>
    /// Writes <paramref name="head"/> (the 101 response; empty where the server has written it), then what its rooms received since it was opened, then goes live.
    /// A connection is in its rooms before its client can know, so that nothing is missed in between.
    /// </summary>
    public void Start(IConnectionSink sink, ReadOnlySpan<byte> head) => throw new NotImplementedException();

    /// <summary>Queues a control frame (ping, pong) between whole frames. At most 125 bytes of payload.</summary>
    public void SendControl(byte opcode, ReadOnlySpan<byte> payload) => throw new NotImplementedException();

    /// <summary>Sends a close frame once, waits a bounded time for the peer's, then ends the transport. Idempotent: the first reason stands.</summary>
    public void Close(CloseReason reason) => throw new NotImplementedException();

    /// <summary>The peer's close frame has arrived: answers it with <paramref name="answer"/> unless ours is out already, and ends without waiting further.</summary>
    public void CloseReceived(CloseReason answer) => throw new NotImplementedException();

    /// <summary>Cuts the transport at once.</summary>
    public void Abort() => throw new NotImplementedException();
}
