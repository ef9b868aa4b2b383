namespace Push.LoadTest.Subscribing;

/// <summary>A line on a subscriber's standard output.</summary>
internal sealed record SubscriberReport
{
    public required SubscriberReportKind Kind { get; init; }

    /// <summary>Connections that are joined now.</summary>
    public int Open { get; init; }

    /// <summary>Connects that failed or were refused.</summary>
    public int Refused { get; init; }

    /// <summary>From the first connect until the last one was joined.</summary>
    public double ConnectSeconds { get; init; }

    /// <summary>Measured messages received, each counted once.</summary>
    public long Measured { get; init; }

    /// <summary>All messages received, warm-up included, each counted once.</summary>
    public long Delivered { get; init; }

    public long Duplicates { get; init; }

    /// <summary>Arrived after a later one of the same lane.</summary>
    public long Reordered { get; init; }

    /// <summary>Passed over by a later one of the same lane and not seen since.</summary>
    public long Missing { get; init; }

    /// <summary>Of a room that the connection is not in.</summary>
    public long Misdelivered { get; init; }

    /// <summary>Messages that are not the generator's.</summary>
    public long Foreign { get; init; }

    /// <summary>What stalling connections received; part of no other count.</summary>
    public long ToStalling { get; init; }

    /// <summary>When the last message came, on the monotonic clock; 0 before the first.</summary>
    public long LastDeliveryAt { get; init; }

    /// <summary>Connections replaced by new ones.</summary>
    public long Replaced { get; init; }

    /// <summary>Connections that the server ended, by close code; 1006 without one.</summary>
    public Dictionary<int, int> Closes { get; init; } = [];

    /// <summary>Of the measured messages; nanoseconds and counts in turn. In a full report only.</summary>
    public long[]? Latencies { get; init; }

    /// <summary>From connect to joined; nanoseconds and counts in turn. In a full report only.</summary>
    public long[]? ConnectTimes { get; init; }

    /// <summary>What the server answered instead of an upgrade, or why a connect failed: the first one.</summary>
    public string? FirstRefusal { get; init; }
}

internal enum SubscriberReportKind
{
    /// <summary>A few times a second.</summary>
    Progress,

    /// <summary>All connections have been opened or refused.</summary>
    Connected,

    /// <summary>The answer to <see cref="SubscriberVerb.Report"/>.</summary>
    Full,
}
