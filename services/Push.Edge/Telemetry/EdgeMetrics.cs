using System.Diagnostics.Metrics;
using Push.Contracts;
using Push.Edge.Fanout;

namespace Push.Edge.Telemetry;

/// <summary>What an Edge counts. Nothing is recorded for a single frame: the fan-out adds up a whole turn first.</summary>
internal sealed class EdgeMetrics
{
    public const string MeterName = "Push.Edge";
    public const string ConnectionsName = "push.edge.connections";
    public const string ClosesName = "push.edge.closes";
    public const string FramesName = "push.edge.frames";
    public const string BytesName = "push.edge.bytes";
    public const string DroppedName = "push.edge.frames.dropped";
    public const string BacklogName = "push.edge.fanout.backlog";
    public const string RoomsName = "push.edge.rooms";

    /// <summary>Tag: the close code (RFC 6455, section 7.4, and this product's own).</summary>
    public const string CodeTag = "push.close.code";

    private readonly UpDownCounter<int> _connections;
    private readonly Counter<long> _closes;
    private readonly Counter<long> _frames;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _dropped;
    private readonly Meter _meter;

    public EdgeMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _connections = _meter.CreateUpDownCounter<int>(ConnectionsName, "{connection}", "Open WebSockets.");
        _closes = _meter.CreateCounter<long>(ClosesName, "{connection}", "Ended WebSockets, by close code.");
        _frames = _meter.CreateCounter<long>(FramesName, "{frame}", "Frames handed to connections, to be written or to wait for a slow peer.");
        _bytes = _meter.CreateCounter<long>(BytesName, "By", "Bytes of these frames.");
        _dropped = _meter.CreateCounter<long>(DroppedName, "{frame}", "Handed-over frames that were not written, by the close code of their connection.");
    }

    public void ConnectionOpened() => _connections.Add(1);

    public void ConnectionClosed(CloseReason reason)
    {
        _connections.Add(-1);
        _closes.Add(1, new KeyValuePair<string, object?>(CodeTag, (int)reason.Code));
    }

    public void FramesHandedOver(in FanoutTally tally)
    {
        _frames.Add(tally.Frames);
        _bytes.Add(tally.Bytes);
    }

    public void FramesDropped(int frames, CloseReason reason) => _dropped.Add(frames, new KeyValuePair<string, object?>(CodeTag, (int)reason.Code));

    /// <summary>Reads the shards whenever somebody collects.</summary>
    public void Observe(FanoutShards shards)
    {
        _meter.CreateObservableUpDownCounter(BacklogName, () => Sum(shards, shard => shard.Backlog), "By", "Published bytes that wait for their turn.");
        _meter.CreateObservableUpDownCounter(RoomsName, () => Sum(shards, shard => shard.RoomCount), "{room}", "Rooms with members, once a shard.");
    }

    private static long Sum(FanoutShards shards, Func<FanoutShard, long> value)
    {
        var sum = 0L;
        foreach (var shard in shards.All)
        {
            sum += value(shard);
        }

        return sum;
    }
}
