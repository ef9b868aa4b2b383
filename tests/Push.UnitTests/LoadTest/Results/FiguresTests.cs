using Push.LoadTest.Results;
using Xunit;

namespace Push.UnitTests.LoadTest.Results;

public sealed class FiguresTests
{
    [Theory]
    [InlineData(1_417_000, "1,417,000")]
    [InlineData(2_190, "2,190")]
    [InlineData(42.54, "42.5")]
    [InlineData(2.594, "2.59")]
    [InlineData(0.3449, "0.345")]
    public void Figures_show_three_significant_digits(double value, string expected) => Assert.Equal(expected, Figures.Show(value));

    [Fact]
    public void A_figure_that_was_not_measured_is_a_dash() => Assert.Equal("–", Figures.Show(null));

    [Fact]
    public void The_median_leaves_out_what_was_not_measured()
    {
        Assert.Equal(3, Figures.Median([5, null, 1, 3]));
        Assert.Equal(2, Figures.Median([1, 3]));
        Assert.Null(Figures.Median([null]));
    }
}
