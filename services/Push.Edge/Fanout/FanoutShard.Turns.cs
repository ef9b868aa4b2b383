using Push.Edge.Rooms;

namespace Push.Edge.Fanout;

/// <summary>The worker's side.</summary>
internal sealed partial class FanoutShard
{
    // For so many times its window after its last big pass a room gathers again when a publication comes; a burst's first would otherwise go alone.
    private const int BusyWindows = 10;

    private readonly Queue<FanoutTurn> _ready = new();
    private readonly PriorityQueue<Audience, long> _gathering = new();
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
                audience.BeginPass(_time.GetTimestamp());
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

    // A room is busy behind a pass that carried several publications: one that gets them one at a time would wait for nothing. It gathers
    // as long as that pass took, so that its clients wait for twice a pass at the most, and a small room hardly at all.
    private void EndPass(Audience audience)
    {
        var now = _time.GetTimestamp();
        var lasted = now - audience.Pass.BeganAt;
        var batch = audience.EndPass();
        var isBusy = batch.FrameCount > 1 && _maxGatherTicks > 0;
        _backlog -= batch.Size;
        batch.Release();

        if (isBusy)
        {
            audience.GatherTicks = Math.Clamp(lasted, _minGatherTicks, _maxGatherTicks);
            audience.BusyUntil = now + (BusyWindows * audience.GatherTicks);
        }

        if (isBusy && !audience.HasFullBatch)
        {
            Gather(audience, now);
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

    private void Gather(Audience audience, long now)
    {
        audience.State = AudienceState.Gathering;
        audience.GathersUntil = now + audience.GatherTicks;
        _gathering.Enqueue(audience, audience.GathersUntil);
    }

    // An entry whose audience was scheduled earlier, its batch being full, is stale.
    private TimeSpan EndGathering()
    {
        while (_gathering.TryPeek(out var audience, out var until))
        {
            var left = until - _time.GetTimestamp();
            if (left > 0)
            {
                // In whole milliseconds, as the monitor waits: rounded down, the worker would spin through the last one.
                return TimeSpan.FromMilliseconds(Math.Ceiling(left * 1000.0 / _time.TimestampFrequency));
            }

            _gathering.Dequeue();
            if (audience.State == AudienceState.Gathering && audience.GathersUntil == until)
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
        if (audience.State == AudienceState.Idle && audience.BusyUntil > 0 && _time.GetTimestamp() is var now && now < audience.BusyUntil)
        {
            Gather(audience, now);
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
