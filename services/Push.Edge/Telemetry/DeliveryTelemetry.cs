using System.Diagnostics;
using Push.Contracts;
using Push.Edge.Fanout;

namespace Push.Edge.Telemetry;

/// <summary>
/// Follows publications through the fan-out: a span each where the publisher's trace is sampled, and how long it took
/// until a shard's last member had it. Costs nothing a socket, and next to nothing where nobody listens.
/// </summary>
internal sealed class DeliveryTelemetry(EdgeMetrics metrics, TimeProvider time) : IDisposable
{
    public const string SourceName = "Push.Edge";

    private readonly ActivitySource _source = new(SourceName);

    /// <summary>The span of a consumed publication, by OpenTelemetry's conventions for messaging; null where it is not traced.</summary>
    /// <param name="trace">The publisher's; default where it sends none.</param>
    /// <param name="target">Never named beyond its kind.</param>
    /// <param name="id">The publication's, where it has one.</param>
    public Activity? StartProcess(ActivityContext trace, in PushTarget target, string? id)
    {
        if (!_source.HasListeners())
        {
            return null;
        }

        var activity = _source.StartActivity("process " + BusNames.PushStream, ActivityKind.Consumer, trace);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("messaging.system", "rabbitmq");
            activity.SetTag("messaging.operation.name", "process");
            activity.SetTag("messaging.operation.type", "process");
            activity.SetTag("messaging.destination.name", BusNames.PushStream);
            activity.SetTag("messaging.message.id", id);
            activity.SetTag("push.target.kind", target.Kind.ToString().ToLowerInvariant());
        }

        return activity;
    }

    /// <summary>What the frame of <paramref name="publication"/> carries through the batches. Its trace is released by the caller.</summary>
    public FrameStamp Stamp(in Publication publication)
    {
        var measured = metrics.MeasuresDeliveries;
        return new FrameStamp(
            measured && publication.PublishedAt is { } published ? published.UtcDateTime : default,
            measured && publication.OccurredAt is { } occurred ? occurred.UtcDateTime : default,
            StartFanout(publication.Trace));
    }

    /// <summary>A shard has ended a turn.</summary>
    /// <param name="tally">What it handed over.</param>
    /// <param name="beganAt">When, as a timestamp.</param>
    public void HandedOver(in FanoutTally tally, long beganAt)
    {
        var stamps = tally.Batch.Stamps;
        if (stamps.IsEmpty)
        {
            return;
        }

        var endedAt = time.GetTimestamp();
        var now = time.GetUtcNow().UtcDateTime;
        foreach (ref readonly var stamp in stamps)
        {
            stamp.Trace?.HandedOver(tally.Matched, tally.Taken, beganAt, endedAt);
            if (tally.IsLast)
            {
                Complete(stamp, now);
            }
        }
    }

    public void Dispose() => _source.Dispose();

    private FanoutTrace? StartFanout(ActivityContext trace)
    {
        if (!_source.HasListeners() || (trace.TraceFlags & ActivityTraceFlags.Recorded) == 0)
        {
            return null;
        }

        // It ends on another thread: it must not stay the current one of the reader.
        var current = Activity.Current;
        var activity = _source.StartActivity("fanout", ActivityKind.Internal, trace);
        Activity.Current = current;
        return activity is null ? null : new FanoutTrace(activity, time);
    }

    private void Complete(in FrameStamp stamp, DateTime now)
    {
        // Exemplars take the trace from the current activity.
        Activity.Current = stamp.Trace?.Activity;
        if (stamp.PublishedAt != default)
        {
            metrics.Delivered(now - stamp.PublishedAt);
        }

        if (stamp.OccurredAt != default)
        {
            metrics.DeliveredEvent(now - stamp.OccurredAt);
        }

        Activity.Current = null;
        stamp.Trace?.Release();
    }
}
