using System.Diagnostics;
using Push.Contracts;
using Push.Edge.Fanout;
using Push.Messaging;
using Push.Messaging.RabbitMq;

namespace Push.Edge.Telemetry;

/// <summary>
/// Follows publications through the fan-out: a span each where the publisher's trace is sampled, and how long it took
/// until a shard's last member had it. Costs nothing a socket, and next to nothing where nobody listens.
/// </summary>
internal sealed class DeliveryTelemetry(EdgeMetrics metrics, TimeProvider time, BrokerAddress? broker = null) : IDisposable
{
    public const string SourceName = "Push.Edge";

    private readonly ActivitySource _source = new(SourceName);

    /// <summary>The span of a consumed publication; null where it is not traced, which the publisher decides if it sends its trace.</summary>
    /// <param name="trace">The publisher's; default where it sends none.</param>
    /// <param name="target">Never named beyond its kind.</param>
    /// <param name="id">The publication's, where it has one.</param>
    public Activity? StartProcess(ActivityContext trace, in RoomKey target, string? id) =>
        _source.HasListeners() && (trace == default || IsRecorded(trace)) ? MessagingSpan.StartProcess(_source, trace, broker, id, target) : null;

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

    // Asked first: the SDK would make an object even for a span that its sampler drops, to carry the remote trace on.
    private static bool IsRecorded(ActivityContext trace) => (trace.TraceFlags & ActivityTraceFlags.Recorded) != 0;

    private FanoutTrace? StartFanout(ActivityContext trace)
    {
        if (!_source.HasListeners() || !IsRecorded(trace))
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
