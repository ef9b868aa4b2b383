using System.Diagnostics;
using System.Diagnostics.Metrics;
using Push.Presence;

namespace Push.Sweeper.Telemetry;

/// <summary>What a Sweeper tells of its sweeps: a span and a measurement each, never one for a connection.</summary>
internal sealed class SweeperTelemetry : IDisposable
{
    public const string SourceName = "Push.Sweeper";
    public const string MeterName = SourceName;
    public const string DurationName = "push.sweeper.sweep.duration";
    public const string DueName = "push.sweeper.due";
    public const string ExpiredName = "push.sweeper.expired";

    /// <summary>Tag of the duration, on sweeps that ended early: the type of the exception.</summary>
    public const string ErrorTag = "error.type";

    private readonly ActivitySource _source = new(SourceName);
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _due;
    private readonly Counter<long> _expired;

    public SweeperTelemetry(IMeterFactory factory)
    {
        var meter = factory.Create(MeterName);
        _duration = meter.CreateHistogram(
            DurationName,
            "s",
            "Time of a sweep.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30] });
        _due = meter.CreateCounter<long>(DueName, "{connection}", "Connections whose deadline had passed.");
        _expired = meter.CreateCounter<long>(ExpiredName, "{connection}", "Of these, the ones that had fallen silent and were handed over to be closed.");
    }

    /// <summary>Makes the counters appear as zero, once somebody listens: a rate misses the first event of a series that appears with it.</summary>
    public void Begin()
    {
        _due.Add(0);
        _expired.Add(0);
    }

    /// <summary>Begins the span of a sweep; null where nobody listens.</summary>
    public Activity? StartSweep() => _source.StartActivity("sweep");

    public void Swept(Activity? activity, SweepCount count, TimeSpan duration)
    {
        _duration.Record(duration.TotalSeconds);
        _due.Add(count.Due);
        _expired.Add(count.Expired);
        activity?.SetTag("push.sweep.due", count.Due);
        activity?.SetTag("push.sweep.expired", count.Expired);
    }

    public void Failed(Activity? activity, Exception exception, TimeSpan duration)
    {
        var type = exception.GetType().FullName;
        _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>(ErrorTag, type));
        activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
        activity?.SetTag(ErrorTag, type);
    }

    public void Dispose() => _source.Dispose();
}
