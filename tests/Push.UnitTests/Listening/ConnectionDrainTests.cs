using Push.Edge.Listening;
using Xunit;

namespace Push.UnitTests.Listening;

public sealed class ConnectionDrainTests
{
    [Theory]
    [InlineData(1, 10)]
    [InlineData(1_000, 10)]
    [InlineData(20_001, 10)]
    [InlineData(1_000_000, 10)]
    [InlineData(50_000, 300)]
    [InlineData(50_000, 0.05)]
    public void All_are_sent_away_within_nine_tenths_of_the_time(int connections, double seconds)
    {
        var timeout = TimeSpan.FromSeconds(seconds);
        var step = ConnectionDrain.StepFor(connections, timeout);
        var ticks = (connections + step - 1) / step;

        Assert.True(ticks == 1 || (ticks - 1) * ConnectionDrain.Tick <= timeout * 0.9, $"{ticks} steps of {step}");
    }

    [Fact]
    public void Few_connections_are_not_kept_waiting() => Assert.Equal(ConnectionDrain.MinStep, ConnectionDrain.StepFor(ConnectionDrain.MinStep, TimeSpan.FromMinutes(5)));

    [Fact]
    public async Task A_client_that_reads_nothing_does_not_hold_up_the_end()
    {
        await using var edge = await EdgeHost.StartAsync(("Edge:DrainTimeout", "00:00:00.5"), ("Edge:SendQueueBytes", "16777216"));
        await using var client = await edge.OpenAsync("1001");

        // More than fits into the kernel's buffers: its close frame waits behind that.
        for (var i = 0; i < 1000; i++)
        {
            edge.Publish("1001", new string('x', 10_000));
        }

        await edge.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.Equal(0, edge.Connections.Count);
        Assert.DoesNotContain(edge.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }
}
