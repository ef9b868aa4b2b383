using Push.Edge.Rooms;

namespace Push.Edge.Fanout;

/// <summary>The worker's side.</summary>
internal sealed partial class FanoutShard
{
    // For so many windows after its last big pass a room gathers again when a publication comes; a burst's first would otherwise go alone.
    private const int BusyWindows = 10;

    private readonly Queue<FanoutTurn> _ready = new();
    private readonly Queue<(Audience Audience, long Until)> _gathering = new();
    private long _turnsEnded;
    private bool _workerWaits;
    private int _waitingReaders;

    /// <summary>Waits for the next turn, which the caller runs and ends. False once the shard is stopped.</summary>
    public bool WaitForTurn(out FanoutTurn turn)
    {
        lock (_gate)
        {
            while (!_isStopped)
            {
                if (TryTakeTurn(out turn, out var wait))
                {
                    return true;
                }

                _workerWaits = true;
                Monitor.Wait(_gate, wait);
                _workerWaits = false;
            }
        }

        turn = default;
        return false;
    }

    /// <summary>The next turn without waiting; otherwise how long to wait at most.</summary>
    internal bool TryTakeTurn(out FanoutTurn turn, out TimeSpan wait)
    {
        lock (_gate)
        {
            wait = EndGathering();
            if (!_ready.TryDequeue(out turn))
            {
                return false;
            }

            if (turn.Audience is { Pass.IsDone: true } audience)
            {
                audience.BeginPass();
            }

            return true;
        }
    }

    /// <summary>Ends a turn that has run: what is left of it goes to the end of the queue.</summary>
    public void EndTurn(in FanoutTurn turn)
    {
        lock (_gate)
        {
            _turnsEnded++;
            if (turn.Audience is not { } audience)
            {
                _backlog -= DirectCost(turn.Batch!.Length);
                turn.Batch.Release();
            }
            else if (!audience.Pass.IsDone)
            {
                _ready.Enqueue(turn);
            }
            else
            {
                EndPass(audience);
            }

            if (_waitingReaders > 0 && _backlog <= _maxBacklog / 2)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    // A room is busy behind a pass that carried several publications: one that gets them one at a time would wait for nothing.
    private void EndPass(Audience audience)
    {
        var batch = audience.EndPass();
        var isBusy = batch.FrameCount > 1 && _gatherTicks > 0;
        _backlog -= batch.Length;
        batch.Release();

        if (isBusy)
        {
            audience.BusyUntil = _time.GetTimestamp() + (BusyWindows * _gatherTicks);
        }

        if (isBusy && !audience.HasFullBatch)
        {
            Gather(audience);
        }
        else if (audience.HasPending)
        {
            Schedule(audience);
        }
        else
        {
            audience.State = AudienceState.Idle;
        }
    }

    private void Gather(Audience audience)
    {
        audience.State = AudienceState.Gathering;
        audience.GathersUntil = _time.GetTimestamp() + _gatherTicks;
        _gathering.Enqueue((audience, audience.GathersUntil));
    }

    // Entries are in the order of their ends, since all gather equally long. One whose audience was scheduled earlier, its batch being full, is stale.
    private TimeSpan EndGathering()
    {
        while (_gathering.TryPeek(out var entry))
        {
            var left = entry.Until - _time.GetTimestamp();
            if (left > 0)
            {
                // In whole milliseconds, as the monitor waits: rounded down, the worker would spin through the last one.
                return TimeSpan.FromMilliseconds(Math.Ceiling(left * 1000.0 / _time.TimestampFrequency));
            }

            _gathering.Dequeue();
            var audience = entry.Audience;
            if (audience.State == AudienceState.Gathering && audience.GathersUntil == entry.Until)
            {
                audience.State = AudienceState.Idle;
                if (audience.HasPending)
                {
                    Schedule(audience);
                }
            }
        }

        return Timeout.InfiniteTimeSpan;
    }

    private void OnAppended(Audience audience)
    {
        if (audience.State == AudienceState.Idle && audience.BusyUntil > 0 && _time.GetTimestamp() < audience.BusyUntil)
        {
            Gather(audience);
            WakeWorker();
        }
        else if (audience.State == AudienceState.Idle || (audience.State == AudienceState.Gathering && audience.HasFullBatch))
        {
            Schedule(audience);
        }
    }

    private void Schedule(Audience audience)
    {
        audience.State = AudienceState.Scheduled;
        Schedule(new FanoutTurn(audience, null, null));
    }

    private void Schedule(in FanoutTurn turn)
    {
        _ready.Enqueue(turn);
        WakeWorker();
    }

    private void WakeWorker()
    {
        if (_workerWaits)
        {
            _workerWaits = false;
            Monitor.PulseAll(_gate);
        }
    }
}
