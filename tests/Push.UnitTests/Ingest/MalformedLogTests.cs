using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Push.Edge.Ingest;
using Push.TestKit.Capture;
using Xunit;

namespace Push.UnitTests.Ingest;

public sealed class MalformedLogTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly CapturedLog _lines = new();
    private readonly LoggerFactory _loggers;
    private readonly MalformedLog _malformed;

    public MalformedLogTests()
    {
        _loggers = new LoggerFactory([_lines]);
        _malformed = new MalformedLog(_time, _loggers.CreateLogger<MalformedLog>());
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
            _malformed.SetAside("the body is not JSON", "x"u8);
        }

        Assert.Equal(1_000, _malformed.Count);
        Assert.Single(_lines.Lines);

        _time.Advance(TimeSpan.FromSeconds(10));
        _malformed.SetAside("the body is not JSON", "x"u8);
        Assert.Equal(2, _lines.Lines.Count);
        Assert.Contains("999 more", _lines.Lines.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_beginning_is_shown_and_nothing_that_could_forge_a_line()
    {
        _malformed.SetAside("the body is not JSON", Encoding.UTF8.GetBytes("a\r\nWARN forged\u001b[31mü" + new string('x', 1_000) + "end"));
        var line = Assert.Single(_lines.Lines);
        Assert.Contains("a..WARN forged.[31m..x", line, StringComparison.Ordinal);
        Assert.DoesNotContain("end", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', line);
    }
}
