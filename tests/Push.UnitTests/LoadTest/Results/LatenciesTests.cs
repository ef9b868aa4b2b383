using Push.LoadTest.Results;
using Xunit;

namespace Push.UnitTests.LoadTest.Results;

public sealed class LatenciesTests
{
    private const double Tolerance = 0.002;

    [Fact]
    public void Percentiles_are_those_of_the_recorded_durations()
    {
        var latencies = new Latencies();
        for (var i = 1; i <= 1000; i++)
        {
            latencies.Record(i * 1_000_000L);
        }

        var percentiles = latencies.ToPercentiles();
        Assert.Equal(1000, percentiles.Count);
        AssertNear(500, percentiles.P50);
        AssertNear(900, percentiles.P90);
        AssertNear(990, percentiles.P99);
        AssertNear(999, percentiles.P999);
        AssertNear(1000, percentiles.Max);
    }

    [Fact]
    public void Two_processes_add_up_to_what_one_would_have_recorded()
    {
        var (one, first, second) = (new Latencies(), new Latencies(), new Latencies());
        for (var i = 1; i <= 2000; i++)
        {
            one.Record(i * 37_000L);
            (i % 3 == 0 ? first : second).Record(i * 37_000L);
        }

        Assert.Equal(one.ToPercentiles(), Percentiles.Of([.. first.ToPairs(), .. second.ToPairs()]));
    }

    [Fact]
    public void Durations_beyond_the_range_count_as_its_ends()
    {
        var latencies = new Latencies();
        latencies.Record(-5);
        latencies.Record(long.MaxValue);
        AssertNear(120_000, latencies.ToPercentiles().Max);
        Assert.Equal(2, latencies.Count);
    }

    [Fact]
    public void Nothing_recorded_is_all_zero() => Assert.Equal(new Percentiles(), new Latencies().ToPercentiles());

    private static void AssertNear(double expected, double actual) => Assert.InRange(actual, expected * (1 - Tolerance), expected * (1 + Tolerance));
}
