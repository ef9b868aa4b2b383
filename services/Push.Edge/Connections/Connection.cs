using System.Buffers.Text;
using System.Security.Cryptography;
using Push.Auth.Tokens;
using Push.Contracts;
using Push.Edge.Fanout;
using Push.Edge.Transports;
using Push.Edge.Transports.WebSockets;

namespace Push.Edge.Connections;

/// <summary>One WebSocket: its session, its rooms, and what is on the way to it.</summary>
/// <remarks>
/// <para>
/// The read loop owns its life: <see cref="ConnectionRegistry.TryOpen"/>, <see cref="Start"/>, read until <see cref="IsEnded"/> or the transport
/// ends, and in the end <see cref="ConnectionRegistry.Remove"/>, whatever happened in between.
/// </para>
/// <para>
/// Bytes go out one way at a time: straight into the transport while nothing waits, else through the queue, which one drain empties. Its lock covers
/// that choice and the direct write, which never waits; it is the connection itself, an object and a wait for memory less for each send. What may run the server's code, the drain and the transport's <c>End</c> and <c>Abort</c>,
/// comes after it (<see cref="Step"/>).
/// </para>
/// </remarks>
internal sealed partial class Connection(SessionToken session, string[] rooms, FanoutShard shard, ConnectionTerms terms, bool takesDeflate = false)
{
    private IConnectionTransport? _transport;
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
    public void Start(IConnectionTransport transport, ReadOnlySpan<byte> head)
    {
        Step step;
        lock (this)
        {
            _transport = transport;

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
    public int Prefetch() => (_reason is null ? 0 : 1) + (_queue is null ? 0 : 1) + (int)_outlet + (_transport?.Prefetch() ?? 0);

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
            _outlet = Outlet.Transport;
            return _reason is null ? Step.None : WriteClose();
        }

        _outlet = Outlet.Drain;
        if (_reason is not null)
        {
            WriteClose();
        }

        return Step.Drain;
    }

    // ---- How bytes go out, one way at a time. Guarded by the connection's lock, except the drain's wait. ----

    private Outlet _outlet;
    private SendQueue? _queue;

    private enum Outlet : byte
    {
        /// <summary>Not started: all is queued.</summary>
        Held,

        /// <summary>Nothing is queued: straight into the transport.</summary>
        Transport,

        /// <summary>The drain writes the head of the queue; all else is queued behind it.</summary>
        Drain,
    }

    /// <summary>What remains to be done outside the lock.</summary>
    private enum Step : byte
    {
        None,
        Drain,
        End,
        Abort,
    }

    /// <summary>Bytes that wait for the peer, with what their entries cost. Read without the lock, for gauges.</summary>
    public int QueuedBytes => Volatile.Read(ref _queue)?.Cost ?? 0;

    private bool IsQueueFull => _queue?.Cost >= terms.SendQueueBytes;

    private void Proceed(Step step)
    {
        if (step == Step.Drain)
        {
            _ = DrainAsync();
            return;
        }

        try
        {
            switch (step)
            {
                case Step.End:
                    _transport!.End();
                    break;
                case Step.Abort:
                    _transport?.Abort();
                    break;
            }
        }
        catch (Exception e)
        {
            // Whoever comes here closes others besides, or is a timer, whose exception would end the process.
            LogEndFailed(terms.Logger, Id, e);
        }
    }

    /// <summary>Into the transport if it is free, and what that does not take into the queue.</summary>
    private Step Write(Batch batch)
    {
        var taken = 0;
        if (_outlet == Outlet.Transport)
        {
            if (!TryWrite(batch.Span, out taken))
            {
                return Lose(CloseReason.ConnectionLost);
            }

            if (taken == batch.Length)
            {
                return Step.None;
            }
        }

        _queue ??= new SendQueue();
        _queue.Add(batch, taken);
        if (_outlet != Outlet.Transport)
        {
            return Step.None;
        }

        _outlet = Outlet.Drain;
        return Step.Drain;
    }

    private Step WriteControl(ReadOnlySpan<byte> frame)
    {
        var batch = terms.Pool.Rent(frame);
        var step = Write(batch);
        batch.Release();
        return step;
    }

    /// <summary>Empties the queue as the peer reads. Runs once at a time and sees its own failures.</summary>
    private async Task DrainAsync()
    {
        ReadOnlyMemory<byte> bytes;
        lock (this)
        {
            bytes = _queue!.Head;
        }

        while (!bytes.IsEmpty)
        {
            var isWritten = await WriteAsync(bytes);
            Step step;
            lock (this)
            {
                step = Advance(isWritten, out bytes);
            }

            Proceed(step);
        }
    }

    private Step Advance(bool isWritten, out ReadOnlyMemory<byte> next)
    {
        next = default;
        var step = isWritten ? Step.None : Lose(CloseReason.ConnectionLost);
        if (_isEnded)
        {
            _outlet = Outlet.Held;
            DiscardQueue(keepHead: false);
            return step;
        }

        _queue!.RemoveHead();
        if (!_queue.IsEmpty)
        {
            next = _queue.Head;
            return Step.None;
        }

        _queue = null;
        _outlet = Outlet.Transport;
        return _reason is null ? Step.None : AwaitPeer();
    }

    private void DiscardQueue(bool keepHead)
    {
        if (_queue is null)
        {
            return;
        }

        terms.Metrics.FramesDropped(_queue.Discard(keepHead), _reason!);
        _queue = _queue.IsEmpty ? null : _queue;
    }

    // A transport answers false where the peer is gone. What it throws is a fault of ours, and costs this connection, not its shard.
    private bool TryWrite(ReadOnlySpan<byte> bytes, out int taken)
    {
        try
        {
            return _transport!.TryWrite(bytes, out taken);
        }
        catch (Exception e)
        {
            LogWriteFailed(terms.Logger, Id, e);
            taken = 0;
            return false;
        }
    }

    private async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return await _transport!.WriteAsync(bytes);
        }
        catch (Exception e)
        {
            LogWriteFailed(terms.Logger, Id, e);
            return false;
        }
    }

    // ---- How it ends: close frame behind what is queued, the peer's answer or a bounded wait for it, end of the transport. A peer that does not read
    // its close frame is cut. ----

    private CloseReason? _reason;
    private ITimer? _deadline;
    private bool _lingers;
    private bool _isPeerClosed;
    private volatile bool _isEnded;

    /// <summary>Why it ends; null while it is open.</summary>
    public CloseReason? CloseReason => Volatile.Read(ref _reason);

    /// <summary>Nothing more will be written: the read loop returns.</summary>
    public bool IsEnded => _isEnded;

    /// <summary>Sends a close frame once, waits a bounded time for the peer's, then ends the transport. Idempotent: the first reason stands.</summary>
    public void Close(CloseReason reason)
    {
        Step step;
        lock (this)
        {
            step = BeginClose(reason);
        }

        Proceed(step);
    }

    /// <summary>The peer's close frame has arrived: answers it with <paramref name="answer"/> unless ours is out already, and ends without waiting further.</summary>
    public void CloseReceived(CloseReason answer)
    {
        Step step;
        lock (this)
        {
            _isPeerClosed = true;
            var isOurFrameOut = _reason is not null && !_isEnded && _outlet == Outlet.Transport;
            step = isOurFrameOut ? End(Step.End) : BeginClose(answer);
        }

        Proceed(step);
    }

    /// <summary>Cuts the transport at once.</summary>
    public void Abort()
    {
        lock (this)
        {
            Lose(CloseReason.ConnectionLost);
        }

        Proceed(Step.Abort);
    }

    /// <summary>Returns when nothing uses the transport any more. Comes after <see cref="ConnectionRegistry.Remove"/>.</summary>
    public ValueTask SettleAsync() => _transport?.SettleAsync() ?? ValueTask.CompletedTask;

    /// <summary>The read loop has returned: nothing goes out any more.</summary>
    internal void Detach()
    {
        var step = Step.None;
        lock (this)
        {
            // A drain would otherwise go on writing to a transport that its owner takes down.
            step = _outlet == Outlet.Drain ? Step.Abort : Step.None;
            Lose(CloseReason.ConnectionLost);
        }

        Proceed(step);
    }

    private Step BeginClose(CloseReason reason)
    {
        if (_reason is not null)
        {
            return Step.None;
        }

        if (reason.Code == CloseReason.ConnectionLost.Code)
        {
            return Lose(reason);
        }

        _reason = reason;
        return _outlet == Outlet.Held ? Step.None : WriteClose();
    }

    private Step CloseSlow()
    {
        _reason = CloseReason.SlowConsumer;
        DiscardQueue(keepHead: _outlet == Outlet.Drain);
        return _outlet == Outlet.Held ? Step.None : WriteClose();
    }

    private Step WriteClose()
    {
        Span<byte> frame = stackalloc byte[ServerFrame.MaxControlLength];
        frame = frame[..ServerFrame.WriteClose(frame, _reason!)];
        var step = WriteControl(frame);
        if (_isEnded)
        {
            return step;
        }

        if (_outlet == Outlet.Transport)
        {
            return AwaitPeer();
        }

        SetDeadline(IConnectionTransport.FlushTimeout);
        return step;
    }

    /// <summary>The close frame is out: the rest is the peer's.</summary>
    private Step AwaitPeer()
    {
        if (_isPeerClosed || !terms.TryBeginLinger())
        {
            return End(Step.End);
        }

        _lingers = true;
        SetDeadline(ConnectionTerms.LingerTimeout);
        return Step.None;
    }

    private Step Lose(CloseReason reason)
    {
        _reason ??= reason;
        return _isEnded ? Step.None : End(Step.Abort);
    }

    private Step End(Step how)
    {
        _isEnded = true;
        _deadline?.Dispose();
        _deadline = null;
        if (_lingers)
        {
            _lingers = false;
            terms.EndLinger();
        }

        if (_outlet != Outlet.Drain)
        {
            DiscardQueue(keepHead: false);
        }

        return how;
    }

    /// <summary>A peer that does not read its close frame is cut; one that merely does not answer it gets a clean end.</summary>
    private void DeadlinePassed()
    {
        Step step;
        lock (this)
        {
            step = _isEnded ? Step.None : End(_lingers ? Step.End : Step.Abort);
        }

        Proceed(step);
    }

    private void SetDeadline(TimeSpan due)
    {
        if (_deadline is null)
        {
            _deadline = terms.Time.CreateTimer(static state => ((Connection)state!).DeadlinePassed(), this, due, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _deadline.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    [LoggerMessage(EventIds.WriteFailed, LogLevel.Error, "Writing to connection {ConnectionId} failed; it is cut.")]
    private static partial void LogWriteFailed(ILogger logger, string connectionId, Exception exception);

    [LoggerMessage(EventIds.EndFailed, LogLevel.Error, "Ending connection {ConnectionId} failed.")]
    private static partial void LogEndFailed(ILogger logger, string connectionId, Exception exception);
}

internal static class ConnectionId
{
    private const int RandomBytes = 12;

    /// <summary>16 characters of base64url, 96 random bits: unique across Edges, and not to be guessed.</summary>
    public static string Create()
    {
        Span<byte> random = stackalloc byte[RandomBytes];
        RandomNumberGenerator.Fill(random);
        return Base64Url.EncodeToString(random);
    }
}
