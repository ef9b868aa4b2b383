using System.Diagnostics;
using Push.IntegrationTests.Listening;
using Push.ServiceDefaults.Hosting;
using Push.TestKit;
using Push.TestKit.Clients;
using Xunit;

namespace Push.IntegrationTests.Lifecycle;

public sealed class ConnectionDrainTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 10)]
    [InlineData(100, 10)]
    [InlineData(20_001, 10)]
    [InlineData(50_000, 300)]
    [InlineData(50_000, 0.05)]
    public void Closes_are_spread_evenly_over_nine_tenths_of_the_time(int connections, double seconds)
    {
        var timeout = TimeSpan.FromSeconds(seconds);
        var told = 0;
        for (var percent = 0; percent <= 90; percent++)
        {
            told += DrainPace.Due(told, connections - told, timeout * percent / 100, timeout);

            Assert.InRange(told - 1, ((connections - 1) * percent / 90) - 1, ((connections - 1) * percent / 90) + 1);
        }

        Assert.Equal(connections, told);
    }

    [Fact]
    public void Who_comes_late_or_leaves_early_changes_the_pace_and_not_the_time()
    {
        var timeout = TimeSpan.FromSeconds(10);

        Assert.Equal(0, DrainPace.Due(told: 50, open: 0, timeout / 2, timeout));
        Assert.Equal(0, DrainPace.Due(told: 50, open: 5, timeout / 10, timeout));
        Assert.Equal(5, DrainPace.Due(told: 50, open: 5, timeout * 0.9, timeout));
        Assert.Equal(7, DrainPace.Due(told: 0, open: 7, TimeSpan.Zero, TimeSpan.Zero));
    }

    [Fact]
    public async Task Few_clients_are_sent_away_one_after_another()
    {
        const int Count = 20;
        var timeout = TimeSpan.FromSeconds(2);
        await using var edge = await EdgeHost.StartAsync(("Edge:DrainTimeout", timeout.ToString()));
        var clients = new List<RawClient>();
        for (var i = 0; i < Count; i++)
        {
            clients.Add(i % 4 == 0 ? await edge.OpenKeptAliveAsync() : await edge.OpenAsync(inPieces: i % 4 == 1));
        }

        var startedAt = Stopwatch.GetTimestamp();
        var stopping = edge.StopAsync();
        var closedAt = await Task.WhenAll(clients.Select(async client =>
        {
            Assert.Equal(1001, await client.ReadCloseAsync());
            var at = Stopwatch.GetElapsedTime(startedAt);
            await client.DisposeAsync();
            return at;
        })).WithinAsync(Limit, "every client is told");
        await stopping.WithinAsync(Limit, "the Edge stops");

        // On a machine that stands still they come later, but not all at the start.
        Array.Sort(closedAt);
        Assert.True(closedAt[Count / 2] >= timeout * 0.9 * (Count / 2) / (Count - 1) - TimeSpan.FromMilliseconds(100), $"half are told after {closedAt[Count / 2]}");
        Assert.True(closedAt[^1] >= timeout * 0.9 - TimeSpan.FromMilliseconds(100), $"the last one is told after {closedAt[^1]}");
    }

    [Fact]
    public async Task Handshakes_that_meet_the_drain_are_refused_or_told()
    {
        for (var round = 0; round < 5; round++)
        {
            await using var edge = await EdgeHost.StartAsync(("Edge:DrainTimeout", "00:00:01"));
            var settled = 0;
            var hammers = Enumerable.Range(0, 16).Select(number => Task.Run(async () =>
            {
                while (await TryHandshakeAsync(edge, number))
                {
                    Interlocked.Increment(ref settled);
                }
            })).ToArray();
            await Deadline.UntilAsync(_ => Task.FromResult(Volatile.Read(ref settled) >= 50), Limit, "handshakes are under way", TestContext.Current.CancellationToken);

            await edge.StopAsync().WithinAsync(Limit, "the Edge stops");
            await Task.WhenAll(hammers).WithinAsync(Limit, "every client that got 101 has got a close frame");
            Assert.Equal(0, edge.Connections.Count);
        }
    }

    [Fact]
    public async Task A_client_that_reads_nothing_does_not_hold_up_the_end()
    {
        await using var edge = await EdgeHost.StartAsync(("Edge:DrainTimeout", "00:00:00.5"), ("Edge:SendQueueBytes", "16777216"));
        await using var client = await edge.OpenAsync("1001");
        await using var keptAlive = await edge.OpenKeptAliveAsync("1001");

        // More than fits into the kernel's buffers: its close frame waits behind that.
        for (var i = 0; i < 1000; i++)
        {
            edge.Publish("1001", new string('x', 10_000));
        }

        await edge.StopAsync().WithinAsync(Limit, "the Edge stops");

        Assert.Equal(0, edge.Connections.Count);
        Assert.DoesNotContain(edge.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    /// <summary>Whether the Edge was still there: connects, and where it is let in waits for its close frame unless the drain has not begun.</summary>
    private static async Task<bool> TryHandshakeAsync(EdgeHost edge, int number)
    {
        RawClient client;
        try
        {
            client = number % 4 == 0 ? await edge.OpenKeptAliveAsync() : await edge.OpenAsync(inPieces: number % 4 == 1);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException || (e is InvalidDataException && e.Message.Contains("Draining", StringComparison.Ordinal)))
        {
            return false;
        }

        await using (client)
        {
            if (edge.Readiness.IsDraining)
            {
                Assert.Equal(1001, await client.ReadCloseAsync());
                return false;
            }
        }

        return true;
    }
}
