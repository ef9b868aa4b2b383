using Push.Contracts;
using Push.Edge.Connections;

namespace Push.Edge.Fanout;

/// <summary>
/// A share of the connections, the groups of subscribers that they form, and the schedule in which these are served. The reader
/// appends, one worker takes turns: first in, first out, big groups in slices.
/// </summary>
/// <remarks>
/// <para>
/// Locks, in this order: the shard's, then <see cref="BatchPool"/>'s; a connection's, then <see cref="BatchPool"/>'s. A
/// shard's and a connection's are never held together: the worker sends outside the shard's lock, and a connection that
/// overflows leaves its rooms later, from its own read loop.
/// </para>
/// <para>
/// The lock is a monitor with two kinds of waiters, the worker (for a turn) and the reader (for space). Every change
/// that either waits for happens under the lock, wakes all, and is checked anew after waking.
/// </para>
/// </remarks>
internal sealed class FanoutShard
{
    private readonly object _gate = new();
    private readonly RoomRegistry _rooms = new();
    private readonly BatchPool _pool;
    private readonly TimeProvider _time;
    private readonly long _minGatherTicks;
    private readonly long _maxGatherTicks;
    private readonly int _maxBacklog;
    private long _backlog;
    private bool _isStopped;

    public FanoutShard(FanoutOptions options, BatchPool pool, TimeProvider time)
    {
        _pool = pool;
        _time = time;
        _maxGatherTicks = (long)(options.GatherWindow.TotalSeconds * time.TimestampFrequency);
        _minGatherTicks = Math.Min(_maxGatherTicks, time.TimestampFrequency / 1000);
        _maxBacklog = options.BacklogBytes;
    }

    /// <summary>Bytes published to members of this shard and not handed over yet.</summary>
    public long Backlog => Volatile.Read(ref _backlog);

    /// <summary>The rooms that have members in this shard now.</summary>
    public string[] ListRooms()
    {
        lock (_gate)
        {
            return _rooms.ListRooms();
        }
    }

    public void Join(Connection connection)
    {
        lock (_gate)
        {
            _rooms.Join(connection);
        }
    }

    public void Leave(Connection connection)
    {
        lock (_gate)
        {
            _rooms.Leave(connection);
        }
    }

    public bool HasSubscribers(in RoomKey target)
    {
        lock (_gate)
        {
            return _rooms.Find(target) is not null;
        }
    }

    /// <summary>Whether one of the target's members takes compressed messages.</summary>
    public bool TakesDeflate(in RoomKey target)
    {
        lock (_gate)
        {
            return _rooms.Find(target) is Subscribers { TakesDeflate: true } or Connection { TakesDeflate: true };
        }
    }

    /// <summary>Wakes whoever waits: the worker returns, the reader publishes into the void.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    // ---- The reader's side ----

    // A worker never waits for a socket: one that ends no turn for so long will not end any, and its clients receive nothing. Counted in
    // short checks, so that a process that was suspended meanwhile is not taken for a stalled one.
    private const int MaxStalledChecks = 30;

    // A batch for a single connection occupies a buffer of its own, however small the frame.
    private const int MinDirectCost = 256;

    private static readonly TimeSpan StallCheck = TimeSpan.FromSeconds(1);

    /// <summary>Appends a whole frame to what waits for the target's members here. Waits while the backlog is full.</summary>
    public void Publish(in RoomKey target, scoped in EncodedFrame frame, in FrameStamp stamp = default)
    {
        lock (_gate)
        {
            if (_backlog >= _maxBacklog && _rooms.Find(target) is not null)
            {
                AwaitSpace();
            }

            switch (_rooms.Find(target))
            {
                case Subscribers subscribers:
                    stamp.Trace?.AddHolder();
                    _backlog += subscribers.Append(frame, stamp, _pool);
                    OnAppended(subscribers);
                    break;
                case Connection connection:
                    stamp.Trace?.AddHolder();
                    var form = frame.For(connection.TakesDeflate);
                    _backlog += DirectCost(form.Length);
                    Schedule(new FanoutTurn(null, connection, _pool.Rent(form, stamp)));
                    break;
            }
        }
    }

    private static int DirectCost(int length) => Math.Max(length, MinDirectCost);

    // Waits until half is free, not just a frame: else reader and worker would hand the processor back and forth for each.
    private void AwaitSpace()
    {
        var (turns, stalled) = (_turnsEnded, 0);
        _waitingReaders++;
        while (_backlog > _maxBacklog / 2 && !_isStopped)
        {
            if (Monitor.Wait(_gate, StallCheck) || turns != _turnsEnded)
            {
                (turns, stalled) = (_turnsEnded, 0);
            }
            else if (++stalled == MaxStalledChecks)
            {
                Environment.FailFast($"A fan-out worker has served nobody for {stalled} s, with {_backlog} bytes waiting.");
            }
        }

        _waitingReaders--;
    }

    // ---- The worker's side ----

    // For so many times its window after its last big pass a room gathers again when a publication comes; a burst's first would otherwise go alone.
    private const int BusyWindows = 10;

    private readonly Queue<FanoutTurn> _ready = new();
    private readonly PriorityQueue<Subscribers, long> _gathering = new();
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

            if (turn.Subscribers is { Pass.IsDone: true } subscribers)
            {
                subscribers.BeginPass(_time.GetTimestamp());
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
            if (turn.Subscribers is not { } subscribers)
            {
                _backlog -= DirectCost(turn.Batch!.Length);
                turn.Batch.Release();
            }
            else if (!subscribers.Pass.IsDone)
            {
                _ready.Enqueue(turn);
            }
            else
            {
                EndPass(subscribers);
            }

            if (_waitingReaders > 0 && _backlog <= _maxBacklog / 2)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    // A room is busy behind a pass that carried several publications: one that gets them one at a time would wait for nothing. It gathers
    // as long as that pass took, so that its clients wait for twice a pass at the most, and a small room hardly at all.
    private void EndPass(Subscribers subscribers)
    {
        var now = _time.GetTimestamp();
        var lasted = now - subscribers.Pass.BeganAt;
        var batch = subscribers.EndPass();
        var isBusy = batch.FrameCount > 1 && _maxGatherTicks > 0;
        _backlog -= batch.Size;
        batch.Release();

        if (isBusy)
        {
            subscribers.GatherTicks = Math.Clamp(lasted, _minGatherTicks, _maxGatherTicks);
            subscribers.BusyUntil = now + (BusyWindows * subscribers.GatherTicks);
        }

        if (isBusy && !subscribers.HasFullBatch)
        {
            Gather(subscribers, now);
        }
        else if (subscribers.HasPending)
        {
            Schedule(subscribers);
        }
        else
        {
            subscribers.State = SubscribersState.Idle;
        }
    }

    private void Gather(Subscribers subscribers, long now)
    {
        subscribers.State = SubscribersState.Gathering;
        subscribers.GathersUntil = now + subscribers.GatherTicks;
        _gathering.Enqueue(subscribers, subscribers.GathersUntil);
    }

    // An entry is stale where its batch was full, and its subscribers scheduled, before the time was up.
    private TimeSpan EndGathering()
    {
        while (_gathering.TryPeek(out var subscribers, out var until))
        {
            var left = until - _time.GetTimestamp();
            if (left > 0)
            {
                // In whole milliseconds, as the monitor waits: rounded down, the worker would spin through the last one.
                return TimeSpan.FromMilliseconds(Math.Ceiling(left * 1000.0 / _time.TimestampFrequency));
            }

            _gathering.Dequeue();
            if (subscribers.State == SubscribersState.Gathering && subscribers.GathersUntil == until)
            {
                subscribers.State = SubscribersState.Idle;
                if (subscribers.HasPending)
                {
                    Schedule(subscribers);
                }
            }
        }

        return Timeout.InfiniteTimeSpan;
    }

    private void OnAppended(Subscribers subscribers)
    {
        if (subscribers.State == SubscribersState.Idle && subscribers.BusyUntil > 0 && _time.GetTimestamp() is var now && now < subscribers.BusyUntil)
        {
            Gather(subscribers, now);
            WakeWorker();
        }
        else if (subscribers.State == SubscribersState.Idle || (subscribers.State == SubscribersState.Gathering && subscribers.HasFullBatch))
        {
            Schedule(subscribers);
        }
    }

    private void Schedule(Subscribers subscribers)
    {
        subscribers.State = SubscribersState.Scheduled;
        Schedule(new FanoutTurn(subscribers, null, null));
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

/// <summary>What a shard's worker does next: a slice of the pass of a group of subscribers, or one batch for one connection.</summary>
/// <param name="Subscribers">Null for a single connection.</param>
/// <param name="Recipient">Null for a group.</param>
/// <param name="Batch">For <paramref name="Recipient"/>; a group has its own.</param>
internal readonly record struct FanoutTurn(Subscribers? Subscribers, Connection? Recipient, Batch? Batch)
{
    /// <summary>Hands over, outside the shard's lock.</summary>
    public FanoutTally Run()
    {
        return Subscribers?.Pass.SendSlice() ?? new FanoutTally(Batch!, Matched: 1, Recipient!.Send(Batch!) ? 1 : 0, IsLast: true);
    }
}

/// <summary>What a turn has handed to connections.</summary>
/// <param name="Batch">The frames.</param>
/// <param name="Matched">Connections that were to have them.</param>
/// <param name="Taken">Connections that took them, written or queued.</param>
/// <param name="IsLast">Nobody of this shard is left to have them.</param>
/// <param name="TakenDeflated">How many of those that took them took the compressed form.</param>
internal readonly record struct FanoutTally(Batch Batch, int Matched, int Taken, bool IsLast, int TakenDeflated = 0)
{
    /// <summary>Each frame counts once a recipient.</summary>
    public long Frames => Taken * (long)Batch.FrameCount;

    public long Bytes => ((Taken - TakenDeflated) * (long)Batch.Length) + (TakenDeflated * (long)(Batch.Deflated?.Length ?? 0));
}
