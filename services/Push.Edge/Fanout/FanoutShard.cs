using Push.Contracts;
using Push.Edge.Connections;
using Push.Edge.Rooms;

namespace Push.Edge.Fanout;

/// <summary>
/// A share of the connections, the audiences that they form, and the schedule in which these are served. The reader
/// appends, one worker takes turns: first in, first out, big audiences in slices.
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
internal sealed partial class FanoutShard
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

    public bool HasAudience(in RoomKey target)
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
            return _rooms.Find(target) is Audience { TakesDeflate: true } or Connection { TakesDeflate: true };
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
}
