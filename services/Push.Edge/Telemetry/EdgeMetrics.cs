using System.Diagnostics.Metrics;
using Push.Contracts;
using Push.Edge.Transports.WebSockets;

namespace Push.Edge.Telemetry;

/// <summary>What an Edge counts. Nothing is recorded for a single frame: a loop adds up a whole turn first.</summary>
internal sealed class EdgeMetrics
{
    public const string MeterName = "Push.Edge";
    public const string ConnectionsName = "push.edge.connections";
    public const string ClosesName = "push.edge.closes";
    public const string FramesName = "push.edge.frames";
    public const string BytesName = "push.edge.bytes";
    public const string DroppedName = "push.edge.frames.dropped";
    public const string HandshakesName = "push.edge.handshakes";
    public const string JoinsName = "push.edge.joins";
    public const string PublicationsName = "push.edge.publications";
    public const string UnreadableTimesName = "push.edge.times.unreadable";
    public const string DeliveryLatencyName = "push.edge.delivery.latency";
    public const string FreshnessName = "push.edge.freshness";

    /// <summary>Tag: the close code (RFC 6455, section 7.4, and this product's own).</summary>
    public const string CodeTag = "push.close.code";

    /// <summary>Tag: <c>accepted</c> or why a handshake was refused; what became of a publication.</summary>
    public const string OutcomeTag = "outcome";

    /// <summary>Stands for the codes from 3000 on that clients make up.</summary>
    private const int AnyOfClients = 3000;

    /// <summary>The codes that this product ends connections with, and those that a client's close frame may have.</summary>
    private static readonly int[] Codes = [1000, 1001, 1002, 1003, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, AnyOfClients, 4101, 4201];

    private static readonly KeyValuePair<string, object?> Accepted = new(OutcomeTag, "accepted");

    private readonly UpDownCounter<int> _connections;
    private readonly Counter<long> _closes;
    private readonly Counter<long> _frames;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _handshakes;
    private readonly Counter<long> _joins;
    private readonly Counter<long> _publications;
    private readonly Counter<long> _unreadableTimes;
    private readonly Histogram<double> _deliveryLatency;
    private readonly Histogram<double> _freshness;

    public EdgeMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(MeterName);
        _connections = meter.CreateUpDownCounter<int>(ConnectionsName, "{connection}", "Open WebSockets.");
        _closes = meter.CreateCounter<long>(ClosesName, "{connection}", "Ended WebSockets, by close code.");
        _frames = meter.CreateCounter<long>(FramesName, "{frame}", "Frames handed to connections, to be written or to wait for a slow peer.");
        _bytes = meter.CreateCounter<long>(BytesName, "By", "Bytes of these frames.");
        _dropped = meter.CreateCounter<long>(DroppedName, "{frame}", "Handed-over frames that were not written, by the close code of their connection.");
        _handshakes = meter.CreateCounter<long>(HandshakesName, "{handshake}", "Upgrades of /ws, accepted or refused for a reason.");
        _joins = meter.CreateCounter<long>(JoinsName, "{join}", "Rooms that connections joined.");
        _publications = meter.CreateCounter<long>(PublicationsName, "{publication}", "Publications read: fanned out, skipped for want of members, duplicates, malformed, too large.");
        _unreadableTimes = meter.CreateCounter<long>(UnreadableTimesName, "{publication}", "Publications with a time in a form that nothing can be made of.");
        _deliveryLatency = meter.CreateHistogram(
            DeliveryLatencyName,
            "s",
            "From the publisher's time stamp until a loop's last member had the frame.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] });
        _freshness = meter.CreateHistogram(
            FreshnessName,
            "s",
            "From the event in the real world until a loop's last member had the frame.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300] });
    }

    /// <summary>
    /// Makes every series whose labels are known appear as zero: a rate misses the first event of a series that appears with it, and an Edge that
    /// nobody has come to yet holds zero connections, not an unknown number. Comes once somebody listens.
    /// </summary>
    public void Begin()
    {
        _connections.Add(0);
        _frames.Add(0);
        _bytes.Add(0);
        _joins.Add(0);
        _unreadableTimes.Add(0);
        foreach (var code in Codes)
        {
            _closes.Add(0, new KeyValuePair<string, object?>(CodeTag, code));
            _dropped.Add(0, new KeyValuePair<string, object?>(CodeTag, code));
        }

        _handshakes.Add(0, Accepted);
        foreach (var reason in Refusal.Reasons)
        {
            _handshakes.Add(0, new KeyValuePair<string, object?>(OutcomeTag, reason));
        }

        foreach (var outcome in Enum.GetValues<PublicationOutcome>())
        {
            _publications.Add(0, new KeyValuePair<string, object?>(OutcomeTag, Name(outcome)));
        }
    }

    public void ConnectionOpened() => _connections.Add(1);

    public void ConnectionClosed(CloseReason reason)
    {
        _connections.Add(-1);
        _closes.Add(1, Code(reason));
    }

    public void FramesHandedOver(long frames, long bytes)
    {
        _frames.Add(frames);
        _bytes.Add(bytes);
    }

    public void FramesDropped(int frames, CloseReason reason) => _dropped.Add(frames, Code(reason));

    /// <summary>Whether anybody listens to the latencies.</summary>
    public bool MeasuresDeliveries => _deliveryLatency.Enabled || _freshness.Enabled;

    public void HandshakeAccepted(int rooms)
    {
        _handshakes.Add(1, Accepted);
        _joins.Add(rooms);
    }

    public void HandshakeRefused(string reason) => _handshakes.Add(1, new KeyValuePair<string, object?>(OutcomeTag, reason));

    public void PublicationRead(PublicationOutcome outcome) => _publications.Add(1, new KeyValuePair<string, object?>(OutcomeTag, Name(outcome)));

    public void TimeUnreadable() => _unreadableTimes.Add(1);

    public void Delivered(TimeSpan sincePublished) => _deliveryLatency.Record(Math.Max(0, sincePublished.TotalSeconds));

    public void DeliveredEvent(TimeSpan sinceOccurred) => _freshness.Record(Math.Max(0, sinceOccurred.TotalSeconds));

    private static string Name(PublicationOutcome outcome) => outcome switch
    {
        PublicationOutcome.FannedOut => "fanned_out",
        PublicationOutcome.Skipped => "skipped",
        PublicationOutcome.Duplicate => "duplicate",
        PublicationOutcome.TooLarge => "too_large",
        _ => "poison",
    };

    /// <summary>A client may close with any code from 3000 on. All that are not this product's count as one: else one client could fill the metric with series.</summary>
    private static KeyValuePair<string, object?> Code(CloseReason reason) => new(CodeTag, reason is { Code: >= 3000, Text: "" } ? AnyOfClients : (int)reason.Code);
}
