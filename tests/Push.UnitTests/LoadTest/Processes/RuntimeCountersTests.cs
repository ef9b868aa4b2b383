using Push.LoadTest.Processes;
using Xunit;

namespace Push.UnitTests.LoadTest.Processes;

public sealed class RuntimeCountersTests
{
    private const string Text = """
        # TYPE dotnet_gc_pause_time_seconds_total counter
        dotnet_gc_pause_time_seconds_total{otel_scope_name="System.Runtime"} 0.25 1700000000000
        collections_total{generation="gen0"} 3
        collections_total{generation="gen1"} 4
        collections_total_other 5
        bare 6
        """;

    [Theory]
    [InlineData("dotnet_gc_pause_time_seconds_total", 0.25)]
    [InlineData("collections_total", 7)]
    [InlineData("bare", 6)]
    public void The_series_of_a_metric_are_added_up(string metric, double expected) => Assert.Equal(expected, RuntimeCounters.Sum(Text, metric));

    [Fact]
    public void A_metric_that_is_missing_is_an_error() => Assert.Throws<InvalidDataException>(() => RuntimeCounters.Sum(Text, "collections"));
}
