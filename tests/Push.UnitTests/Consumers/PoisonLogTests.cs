using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Push.Edge.Consumers;
using Push.UnitTests.ServiceDefaults;
using Xunit;

namespace Push.UnitTests.Consumers;

public sealed class PoisonLogTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly CapturedLog _lines = new();
    private readonly LoggerFactory _loggers;
    private readonly PoisonLog _poison;

    public PoisonLogTests()
    {
        _loggers = new LoggerFactory([_lines]);
        _poison = new PoisonLog(_time, _loggers.CreateLogger<PoisonLog>());
    }

    public void Dispose()
    {
        _loggers.Dispose();
        _lines.Dispose();
    }

    [Fact]
    public void A_flood_is_counted_in_full_and_shown_now_and_then()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _poison.SetAside("the body is not JSON", "x"u8);
        }

        Assert.Equal(1_000, _poison.Count);
        Assert.Single(_lines.Lines);

        _time.Advance(TimeSpan.FromSeconds(10));
        _poison.SetAside("the body is not JSON", "x"u8);
        Assert.Equal(2, _lines.Lines.Count);
        Assert.Contains("999 more", _lines.Lines.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_beginning_is_shown_and_nothing_that_could_forge_a_line()
    {
        _poison.SetAside("the body is not JSON", Encoding.UTF8.GetBytes("a\r\nWARN forged\u001b[31mü" + new string('x', 1_000) + "end"));
        var line = Assert.Single(_lines.Lines);
        Assert.Contains("a..WARN forged.[31m..x", line, StringComparison.Ordinal);
        Assert.DoesNotContain("end", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', line);
    }
}
