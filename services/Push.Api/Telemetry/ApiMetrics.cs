using System.Diagnostics.Metrics;

namespace Push.Api.Telemetry;

/// <summary>What an Api counts. Requests themselves are ASP.NET Core's <c>http.server.request.duration</c>.</summary>
internal sealed class ApiMetrics : IHostedService
{
    public const string MeterName = "Push.Api";
    public const string PublicationsName = "push.api.publications";
    public const string ConfirmDurationName = "push.api.confirm.duration";
    public const string TokensName = "push.api.tokens";
    public const string HeartbeatsName = "push.api.heartbeats";

    /// <summary>Tag: <c>confirmed</c>, <c>unconfirmed</c>, <c>recorded</c>, <c>refused</c> or <c>unavailable</c>.</summary>
    public const string OutcomeTag = "outcome";

    private static readonly KeyValuePair<string, object?> Confirmed = new(OutcomeTag, "confirmed");
    private static readonly KeyValuePair<string, object?> Unconfirmed = new(OutcomeTag, "unconfirmed");
    private static readonly KeyValuePair<string, object?> Recorded = new(OutcomeTag, "recorded");
    private static readonly KeyValuePair<string, object?> Refused = new(OutcomeTag, "refused");
    private static readonly KeyValuePair<string, object?> Unavailable = new(OutcomeTag, "unavailable");

    private readonly TimeProvider _time;
    private readonly Counter<long> _publications;
    private readonly Histogram<double> _confirmDuration;
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _heartbeats;

    public ApiMetrics(IMeterFactory factory, TimeProvider time)
    {
        _time = time;
        var meter = factory.Create(MeterName);
        _publications = meter.CreateCounter<long>(PublicationsName, "{publication}", "Publications, by whether the broker confirmed them in time or they were refused.");
        _confirmDuration = meter.CreateHistogram(
            ConfirmDurationName,
            "s",
            "Time until the broker had confirmed a publication.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] });
        _tokens = meter.CreateCounter<long>(TokensName, "{token}", "Issued tokens.");
        _heartbeats = meter.CreateCounter<long>(HeartbeatsName, "{heartbeat}", "Heartbeats, by whether they were recorded, refused, or the store was unavailable.");
    }

    /// <summary>Makes every series appear as zero, once somebody listens: a rate misses the first event of a series that appears with it.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var outcome in new[] { Confirmed, Unconfirmed, Refused })
        {
            _publications.Add(0, outcome);
        }

        foreach (var outcome in new[] { Recorded, Refused, Unavailable })
        {
            _heartbeats.Add(0, outcome);
        }

        _tokens.Add(0);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The start of a publish, for <see cref="PublicationConfirmed"/>.</summary>
    public long Timestamp() => _time.GetTimestamp();

    public void PublicationConfirmed(long startedAt)
    {
        _publications.Add(1, Confirmed);
        _confirmDuration.Record(_time.GetElapsedTime(startedAt).TotalSeconds);
    }

    public void PublicationUnconfirmed() => _publications.Add(1, Unconfirmed);

    public void PublicationRefused() => _publications.Add(1, Refused);

    public void TokenIssued() => _tokens.Add(1);

    public void HeartbeatRecorded() => _heartbeats.Add(1, Recorded);

    public void HeartbeatRefused() => _heartbeats.Add(1, Refused);

    public void HeartbeatUnavailable() => _heartbeats.Add(1, Unavailable);
}
