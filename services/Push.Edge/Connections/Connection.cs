using Push.Contracts;
using Push.Edge.Fanout;
using Push.Edge.Rooms;
using Push.Auth.Tokens;

namespace Push.Edge.Connections;

/// <summary>One WebSocket: its session, its rooms, and what is on the way to it.</summary>
/// <remarks>
/// <para>
/// The read loop owns its life: <see cref="ConnectionRegistry.TryOpen"/>, <see cref="Start"/>, read until <see cref="IsEnded"/> or the transport
/// ends, and in the end <see cref="ConnectionRegistry.Remove"/>, whatever happened in between.
/// </para>
/// <para>
/// Bytes go out one way at a time: straight into the sink while nothing waits, else through the queue, which one drain empties. Its lock covers
/// that choice and the direct write, which never waits; it is the connection itself, an object and a wait for memory less for each send. What may run the server's code, the drain and the sink's <c>End</c> and <c>Abort</c>,
/// comes after it (<see cref="Step"/>).
/// </para>
/// </remarks>
internal sealed partial class Connection(SessionToken session, string[] rooms, FanoutShard shard, ConnectionTerms terms, bool takesDeflate = false)
{
    private IConnectionSink? _sink;
    private MembershipList _memberships;

    public string Id { get; } = ConnectionId.Create();

    public SessionToken Session => session;

    public IReadOnlyList<string> Rooms => rooms;

    /// <summary>Whether permessage-deflate has been negotiated: compressed messages may go both ways.</summary>
    public bool TakesDeflate { get; } = takesDeflate;

    /// <summary>Pings that nothing was received after. Written without a lock by the read loop and by the pings' clock: a lost update only shifts a cut.</summary>
    public byte UnansweredPings { get; set; }

    /// <summary>The shard that serves it.</summary>
    public FanoutShard Shard => shard;

    /// <summary>Guarded by <see cref="Shard"/>.</summary>
    public ref MembershipList Memberships => ref _memberships;

    /// <summary>
    /// Writes <paramref name="head"/> (the 101 response; empty where the server has written it), then what its rooms received since it was opened,
    /// then goes live. A connection is in its rooms before its client can know, so that nothing is missed in between.
    /// </summary>
    public void Start(IConnectionSink sink, ReadOnlySpan<byte> head)
    {
        Step step;
        lock (this)
        {
            _sink = sink;

            // A fresh transport takes some hundred bytes at once, or it is gone.
            step = _isEnded ? Step.Abort
                : TryWrite(head, out var taken) && taken == head.Length ? LeaveHold()
                : Lose(CloseReason.ConnectionLost);
        }

        Proceed(step);
    }

    /// <summary>
    /// Takes the batch without waiting: written, or queued behind what the peer has not taken yet. False where the connection ends or has ended, be it
    /// for the bound on that queue. Called by the shard's worker alone, which keeps the order.
    /// </summary>
    public bool Send(Batch batch)
    {
        Step step;
        lock (this)
        {
            if (_reason is not null)
            {
                return false;
            }

            step = IsQueueFull ? CloseSlow() : Write(batch);
        }

        Proceed(step);
        return _reason is null;
    }

    /// <summary>Reads what <see cref="Send"/> will read, without the lock. The result means nothing.</summary>
    public int Touch() => (_reason is null ? 0 : 1) + (_queue is null ? 0 : 1) + (int)_outlet + (_sink?.Touch() ?? 0);

    /// <summary>Sends a control frame (ping, pong) between whole frames. At most 125 bytes of payload.</summary>
    public void SendControl(byte opcode, ReadOnlySpan<byte> payload)
    {
        Span<byte> frame = stackalloc byte[ServerFrame.MaxControlLength];
        frame = frame[..ServerFrame.Write(frame, opcode, payload)];
        Step step;
        lock (this)
        {
            step = _reason is not null ? Step.None : IsQueueFull ? CloseSlow() : WriteControl(frame);
        }

        Proceed(step);
    }

    private Step LeaveHold()
    {
        if (_queue is null)
        {
            _outlet = Outlet.Sink;
            return _reason is null ? Step.None : WriteClose();
        }

        _outlet = Outlet.Drain;
        if (_reason is not null)
        {
            WriteClose();
        }

        return Step.Drain;
    }

    [LoggerMessage(EventIds.WriteFailed, LogLevel.Error, "Writing to connection {ConnectionId} failed; it is cut.")]
    private static partial void LogSinkFailed(ILogger logger, string connectionId, Exception exception);

    [LoggerMessage(EventIds.EndFailed, LogLevel.Error, "Ending connection {ConnectionId} failed.")]
    private static partial void LogEndFailed(ILogger logger, string connectionId, Exception exception);
}
