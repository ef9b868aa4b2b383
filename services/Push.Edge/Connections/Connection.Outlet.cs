using Push.Contracts;
using Push.Edge.Fanout;

namespace Push.Edge.Connections;

/// <summary>How bytes go out, one way at a time. Guarded by the connection's lock, except the drain's wait.</summary>
internal sealed partial class Connection
{
    private Outlet _outlet;
    private SendQueue? _queue;

    private enum Outlet : byte
    {
        /// <summary>Not started: all is queued.</summary>
        Held,

        /// <summary>Nothing is queued: straight into the sink.</summary>
        Sink,

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
                    _sink!.End();
                    break;
                case Step.Abort:
                    _sink?.Abort();
                    break;
            }
        }
        catch (Exception e)
        {
            // Whoever comes here closes others besides, or is a timer, whose exception would end the process.
            LogEndFailed(terms.Logger, Id, e);
        }
    }

    /// <summary>Into the sink if it is free, and what that does not take into the queue.</summary>
    private Step Write(Batch batch)
    {
        var taken = 0;
        if (_outlet == Outlet.Sink)
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
        if (_outlet != Outlet.Sink)
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
        _outlet = Outlet.Sink;
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

    // A sink answers false where the peer is gone. What it throws is a fault of ours, and costs this connection, not its shard.
    private bool TryWrite(ReadOnlySpan<byte> bytes, out int taken)
    {
        try
        {
            return _sink!.TryWrite(bytes, out taken);
        }
        catch (Exception e)
        {
            LogSinkFailed(terms.Logger, Id, e);
            taken = 0;
            return false;
        }
    }

    private async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return await _sink!.WriteAsync(bytes);
        }
        catch (Exception e)
        {
            LogSinkFailed(terms.Logger, Id, e);
            return false;
        }
    }
}
