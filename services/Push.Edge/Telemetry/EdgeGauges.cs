using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Push.Edge.Connections;
using Push.Edge.Fanout;
using Push.Edge.Ingest;
using Push.Messaging;

namespace Push.Edge.Telemetry;

/// <summary>What is looked up when somebody collects, instead of being counted all the time.</summary>
internal sealed class EdgeGauges(
    IMeterFactory factory,
    EdgeMetrics metrics,
    FanoutShards shards,
    ConnectionRegistry connections,
    DuplicateWindow window,
    IOptions<EdgeOptions> options,
    IPublicationSource? stream = null) : IHostedService
{
    public const string ConnectionLimitName = "push.edge.connections.limit";
    public const string RoomsName = "push.edge.rooms";
    public const string BacklogName = "push.edge.fanout.backlog";
    public const string QueuedName = "push.edge.queued";
    public const string WindowAgeName = "push.edge.window.age";
    public const string StreamLagName = "push.edge.stream.lag";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = factory.Create(EdgeMetrics.MeterName);
        meter.CreateObservableUpDownCounter(ConnectionLimitName, () => options.Value.MaxConnections, "{connection}", "Connections that this Edge may hold.");
        meter.CreateObservableUpDownCounter(RoomsName, shards.CountRooms, "{room}", "Rooms with members on this Edge.");
        meter.CreateObservableUpDownCounter(BacklogName, () => Sum(shard => shard.Backlog), "By", "Published bytes that wait for their turn.");
        meter.CreateObservableUpDownCounter(
            QueuedName, () => connections.Connections.Sum(connection => (long)connection.QueuedBytes), "By", "Bytes that wait for clients to read.");
        meter.CreateObservableGauge(WindowAgeName, () => window.Age.TotalSeconds, "s", "How far back the id of a publication is recognised.");
        if (stream is not null)
        {
            meter.CreateObservableGauge(StreamLagName, () => stream.Lag, "{offset}", "Offsets between the stream's end, as it was seconds ago, and what was read.");
        }

        // Not by its constructor: then nobody listens yet.
        metrics.Begin();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private long Sum(Func<FanoutShard, long> value)
    {
        var sum = 0L;
        foreach (var shard in shards.All)
        {
            sum += value(shard);
        }

        return sum;
    }
}
