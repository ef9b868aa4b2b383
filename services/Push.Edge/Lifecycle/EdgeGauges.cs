using System.Diagnostics.Metrics;
using Push.Edge.Connections;
using Push.Edge.Fanout;
using Push.Edge.Ingest;
using Push.Edge.Telemetry;
using Push.Messaging;

namespace Push.Edge.Lifecycle;

/// <summary>What is looked up when somebody collects, instead of being counted all the time.</summary>
internal sealed class EdgeGauges(
    IMeterFactory factory,
    EdgeMetrics metrics,
    EventLoops loops,
    SubscriberIndex subscribers,
    ConnectionRegistry connections,
    DuplicateWindow window,
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
        meter.CreateObservableUpDownCounter(ConnectionLimitName, () => connections.Limit, "{connection}", "Connections that this Edge may hold.");
        meter.CreateObservableUpDownCounter(RoomsName, () => subscribers.Rooms, "{room}", "Rooms with members on this Edge.");
        meter.CreateObservableUpDownCounter(BacklogName, () => loops.Backlog, "By", "Published bytes that wait for their turn.");
        meter.CreateObservableUpDownCounter(QueuedName, () => loops.QueuedBytes, "By", "Bytes that wait for clients to read.");
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
}
