using Push.Contracts;
using Push.Edge.Fanout;

namespace Push.Edge.Connections;

/// <summary>
/// How it ends: close frame behind what is queued, the peer's answer or a bounded wait for it, end of the transport. A peer that does not read its
/// close frame is cut.
/// </summary>
internal sealed partial class Connection
{
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
            var isOurFrameOut = _reason is not null && !_isEnded && _outlet == Outlet.Sink;
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
    public ValueTask SettleAsync() => _sink?.SettleAsync() ?? ValueTask.CompletedTask;

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

        if (_outlet == Outlet.Sink)
        {
            return AwaitPeer();
        }

        SetDeadline(ConnectionTerms.FlushTimeout);
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
}
