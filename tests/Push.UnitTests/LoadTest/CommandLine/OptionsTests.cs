using Push.LoadTest.CommandLine;
using Xunit;

namespace Push.UnitTests.LoadTest.CommandLine;

public sealed class OptionsTests
{
    [Fact]
    public void Words_and_options_may_be_mixed()
    {
        var options = new Options(["F1", "--seconds", "2.5", "K1", "--pid", "edge=1", "--pid", "api=2"]);
        Assert.Equal(["F1", "K1"], options.Words);
        Assert.Equal(2.5, options.Number("seconds"));
        Assert.Equal(["edge=1", "api=2"], options.All("pid"));
        Assert.Null(options.Whole("rounds"));
        options.RejectUnknown();
    }

    [Fact]
    public void An_option_that_nobody_asked_for_is_rejected()
    {
        var options = new Options(["--second", "2"]);
        Assert.Null(options.Number("seconds"));
        Assert.Contains("--second", Assert.Throws<UsageException>(options.RejectUnknown).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2.5")]
    [InlineData("-1")]
    [InlineData("many")]
    public void A_count_is_a_whole_number(string text) =>
        Assert.Throws<UsageException>(() => new Options(["--rounds", text]).Whole("rounds"));

    [Fact]
    public void An_option_needs_a_value() => Assert.Throws<UsageException>(() => new Options(["--out"]));
}
