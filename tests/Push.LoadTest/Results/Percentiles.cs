namespace Push.LoadTest.Results;

/// <summary>Milliseconds.</summary>
internal sealed record Percentiles
{
    public long Count { get; init; }

    public double P50 { get; init; }

    public double P90 { get; init; }

    public double P99 { get; init; }

    public double P999 { get; init; }

    public double Max { get; init; }

    /// <summary>Of nanoseconds and counts in turn.</summary>
    public static Percentiles Of(long[] pairs)
    {
        var all = new Latencies();
        all.Add(pairs);
        return all.ToPercentiles();
    }
}
