using Push.Contracts;
using Push.Edge.Connections;
using Push.Edge.Rooms;

namespace Push.Edge.Fanout;

/// <summary>The reader's side.</summary>
internal sealed partial class FanoutShard
{
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
                case Audience audience:
                    stamp.Trace?.AddHolder();
                    _backlog += audience.Append(frame, stamp, _pool);
                    OnAppended(audience);
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
}
