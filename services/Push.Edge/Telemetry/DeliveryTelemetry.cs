using System.Diagnostics;
using Push.Contracts;
using Push.Messaging;
using Push.Messaging.RabbitMq;

namespace Push.Edge.Telemetry;

/// <summary>
/// Follows publications through the fan-out: a span each where the publisher's trace is sampled, and how long it took
/// until a loop's last member had it. Costs nothing a socket, and next to nothing where nobody listens.
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

    /// <summary>What a publication carries through the loops. Its trace is released by the caller.</summary>
    /// <param name="publishedAt">When the publisher handed it over, where known.</param>
    /// <param name="occurredAt">When the event happened, where known.</param>
    /// <param name="trace">The publisher's trace context; default where there is none.</param>
    public FrameStamp Stamp(DateTimeOffset? publishedAt, DateTimeOffset? occurredAt, ActivityContext trace)
    {
        var measured = metrics.MeasuresDeliveries;
        return new FrameStamp(
            measured && publishedAt is { } published ? published.UtcDateTime : default,
            measured && occurredAt is { } occurred ? occurred.UtcDateTime : default,
            StartFanout(trace));
    }

    /// <summary>A loop has handed publications to some of its members.</summary>
    /// <param name="stamps">Of the publications.</param>
    /// <param name="matched">Connections that were to have them.</param>
    /// <param name="taken">Connections that took them, written or queued.</param>
    /// <param name="beganAt">When it began, as a timestamp.</param>
    /// <param name="isLast">Nobody of this loop is left to have them.</param>
    public void HandedOver(ReadOnlySpan<FrameStamp> stamps, int matched, int taken, long beganAt, bool isLast)
    {
        if (stamps.IsEmpty)
        {
            return;
        }

        var endedAt = time.GetTimestamp();
        var now = time.GetUtcNow().UtcDateTime;
        foreach (ref readonly var stamp in stamps)
        {
            stamp.Trace?.HandedOver(matched, taken, beganAt, endedAt);
            if (isLast)
            {
                Complete(stamp, now);
            }
        }
    }

    /// <summary>A loop has handed a publication to the one connection that it was for.</summary>
    public void HandedOver(in FrameStamp stamp, int taken, long beganAt)
    {
        if (!stamp.IsEmpty)
        {
            HandedOver(new ReadOnlySpan<FrameStamp>(in stamp), matched: 1, taken, beganAt, isLast: true);
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
