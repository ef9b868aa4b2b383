using System.Diagnostics;

namespace Push.Edge.Telemetry;

/// <summary>
/// The one span of a publication's fan-out on this Edge. It begins when the reader hands the publication over and ends
/// when the last loop has served the last member.
/// </summary>
internal sealed class FanoutTrace(Activity activity, TimeProvider time)
{
    public const string MatchedTag = "push.fanout.matched";
    public const string WrittenTag = "push.fanout.written";
    public const string DroppedTag = "push.fanout.dropped";
    public const string FirstWriteTag = "push.fanout.first_write_ms";
    public const string LastWriteTag = "push.fanout.last_write_ms";

    private readonly long _startedAt = time.GetTimestamp();
    private readonly Lock _gate = new();
    private int _holders = 1;
    private int _matched;
    private int _written;
    private long _firstWriteAt;
    private long _lastWriteAt;

    /// <summary>Lets the measurements that are made for this publication point to its trace.</summary>
    public Activity Activity => activity;

    /// <summary>A loop takes part. The reader, which began the span, holds it until it has posted to all loops.</summary>
    public void AddHolder() => Interlocked.Increment(ref _holders);

    /// <summary>A loop has handed the frame to some members.</summary>
    public void HandedOver(int matched, int written, long beganAt, long endedAt)
    {
        lock (_gate)
        {
            _firstWriteAt = _matched == 0 ? beganAt : Math.Min(_firstWriteAt, beganAt);
            _lastWriteAt = Math.Max(_lastWriteAt, endedAt);
            _matched += matched;
            _written += written;
        }
    }

    /// <summary>A holder is done; the last one ends the span.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) > 0)
        {
            return;
        }

        activity.SetTag(MatchedTag, _matched);
        activity.SetTag(WrittenTag, _written);
        activity.SetTag(DroppedTag, _matched - _written);
        if (_matched > 0)
        {
            activity.SetTag(FirstWriteTag, time.GetElapsedTime(_startedAt, _firstWriteAt).TotalMilliseconds);
            activity.SetTag(LastWriteTag, time.GetElapsedTime(_startedAt, _lastWriteAt).TotalMilliseconds);
        }

        activity.Dispose();
    }
}
