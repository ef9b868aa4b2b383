using HdrHistogram;

namespace Push.LoadTest.Results;

/// <summary>A histogram of durations in nanoseconds: three significant digits from a microsecond to two minutes.</summary>
internal sealed class Latencies
{
    private const long Lowest = 1_000;
    private const long Highest = 120_000_000_000;

    private readonly LongHistogram _histogram = new(Lowest, Highest, 3);

    public long Count => _histogram.TotalCount;

    public void Record(long nanoseconds) => _histogram.RecordValue(Math.Clamp(nanoseconds, 0, Highest));

    /// <summary>Adds what <see cref="ToPairs"/> of another process gave.</summary>
    public void Add(ReadOnlySpan<long> pairs)
    {
        for (var i = 0; i + 1 < pairs.Length; i += 2)
        {
            _histogram.RecordValueWithCount(pairs[i], pairs[i + 1]);
        }
    }

    /// <summary>Nanoseconds and counts in turn.</summary>
    public long[] ToPairs() =>
        [.. _histogram.RecordedValues().SelectMany(v => (long[])[Math.Min(v.ValueIteratedTo, Highest), v.CountAddedInThisIterationStep])];

    public Percentiles ToPercentiles() => Count == 0
        ? new Percentiles()
        : new Percentiles
        {
            Count = Count,
            P50 = Milliseconds(50),
            P90 = Milliseconds(90),
            P99 = Milliseconds(99),
            P999 = Milliseconds(99.9),
            Max = _histogram.GetMaxValue() / 1e6,
        };

    private double Milliseconds(double percentile) => _histogram.GetValueAtPercentile(percentile) / 1e6;
}
