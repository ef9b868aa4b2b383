using System.IO.Pipelines;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Push.Edge;
using Push.Edge.Listening;
using Xunit;

namespace Push.UnitTests.Listening;

public sealed class HandshakeDeadlinesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly HandshakeDeadlines _deadlines;
    private readonly PipeReader _input = new Pipe().Reader;

    public HandshakeDeadlinesTests() => _deadlines = new HandshakeDeadlines(Options.Create(new EdgeOptions { HandshakeTimeout = TimeSpan.FromSeconds(10) }), _time);

    [Fact]
    public async Task A_read_is_woken_at_the_deadline_and_not_before()
    {
        _deadlines.Start(_input);
        var reading = _input.ReadAsync(TestContext.Current.CancellationToken).AsTask();

        _time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        _deadlines.Sweep();
        Assert.False(reading.IsCompleted);

        _time.Advance(TimeSpan.FromTicks(1));
        _deadlines.Sweep();
        Assert.True((await reading).IsCanceled);
        Assert.False(_deadlines.TryStop(_input));
    }

    [Fact]
    public void A_finished_handshake_is_never_disturbed()
    {
        _deadlines.Start(_input);
        Assert.True(_deadlines.TryStop(_input));

        _time.Advance(TimeSpan.FromMinutes(1));
        _deadlines.Sweep();

        // A cancellation would make the next read return at once.
        Assert.False(_input.ReadAsync(TestContext.Current.CancellationToken).AsTask().IsCompleted);
    }
}
