using Push.LoadTest.Cases;
using Push.LoadTest.Processes;
using Xunit;

namespace Push.UnitTests.LoadTest.Cases;

public sealed class SoakGrowthTests
{
    [Fact]
    public void Growth_leaves_out_the_settling_at_the_beginning() =>
        Assert.Equal(0, SoakCase.Growth(Samples([10, 90, 100, 100, 101, 99, 100, 100, 100, 100]), s => s.RssBytes));

    [Fact]
    public void Steady_growth_shows() =>
        Assert.Equal(60, SoakCase.Growth(Samples([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]), s => s.RssBytes));

    private static List<ProcessSample> Samples(long[] bytes) => [.. bytes.Select(b => new ProcessSample(0, b, 0, 0))];
}
