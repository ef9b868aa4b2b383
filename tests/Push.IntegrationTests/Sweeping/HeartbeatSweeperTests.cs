using Push.Contracts;
using Push.IntegrationTests.Presence;
using Push.Messaging;
using Push.Presence;
using Push.TestKit;
using Push.TestKit.Servers;
using StackExchange.Redis;
using Xunit;

namespace Push.IntegrationTests.Sweeping;

public sealed class HeartbeatSweeperTests(OwnStore own) : IClassFixture<OwnStore>, IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly EdgeInstance _edge = EdgeInstance.Next("edge-1");
    private StoreDatabase _database = null!;
    private SweeperHost _sweeper = null!;

    private IDatabase Redis => _sweeper.Database;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await own.Server.TakeDatabaseAsync(Cancelled);
        _sweeper = new SweeperHost(_database.ConnectionString, Timeout, SweepInterval);
    }

    public async ValueTask DisposeAsync()
    {
        await _sweeper.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task Publishes_the_silent_connections_with_their_Edge_and_session()
    {
        await _sweeper.StartBusAsync(Cancelled);
        await OpenAsync("c1", "c2");
        await FallSilentAsync("c1");

        Assert.Equal(new SweepCount(2, 1), await _sweeper.Sweeper.SweepOnceAsync(Cancelled));
        Assert.Equal(new ConnectionExpired { EdgeId = "edge-1", ConnectionId = "c1", TokenId = "session of c1" }, await NextAsync());
    }

    [Fact]
    public async Task Two_sweepers_at_once_publish_a_silent_connection_once_an_interval()
    {
        await using var other = new SweeperHost(_database.ConnectionString, Timeout, SweepInterval);
        await _sweeper.StartBusAsync(Cancelled);
        await other.StartBusAsync(Cancelled);
        await OpenAsync([.. Enumerable.Range(0, 1_500).Select(i => $"c{i}")]);
        await FallSilentAsync([.. Enumerable.Range(0, 1_500).Select(i => $"c{i}")]);

        var counts = await Task.WhenAll(_sweeper.Sweeper.SweepOnceAsync(Cancelled), other.Sweeper.SweepOnceAsync(Cancelled));
        Assert.Equal(new SweepCount(1_500, 1_500), counts[0] + counts[1]);
    }

    [Fact]
    public async Task The_entries_of_a_crashed_Edge_go_without_an_event()
    {
        await _sweeper.StartBusAsync(Cancelled);
        await OpenAsync("c1");
        await FallSilentAsync("c1");
        await Redis.KeyDeleteAsync(PresenceKeys.EdgeAlive(_edge)); // what its time to live does

        Assert.Equal(new SweepCount(0, 0), await _sweeper.Sweeper.SweepOnceAsync(Cancelled));
        Assert.Empty(await _sweeper.Store.GetEdgesAsync(Cancelled));
        Assert.False(await Redis.KeyExistsAsync(PresenceKeys.Deadlines(_edge)));
    }

    [Fact]
    public async Task While_the_broker_is_away_everybody_stays_on_the_list()
    {
        await using var cutOff = new SweeperHost(
            _database.ConnectionString, Timeout, SweepInterval, ("ConnectionStrings:RabbitMq", "amqp://127.0.0.1:1"), ("Bus:ConfirmTimeout", "00:00:00.500"));
        await OpenAsync("c1");
        await FallSilentAsync("c1");
        await Assert.ThrowsAsync<BrokerUnavailableException>(() => cutOff.Sweeper.SweepOnceAsync(Cancelled));
        Assert.Equal(0, await Redis.SortedSetScoreAsync(PresenceKeys.Deadlines(_edge), new PresenceEntry("c1", "session of c1").ToString()));

        await Redis.KeyDeleteAsync(PresenceKeys.SweepClaim(_edge)); // what its time to live does
        await _sweeper.StartBusAsync(Cancelled);
        await _sweeper.Sweeper.SweepOnceAsync(Cancelled);
        Assert.Equal("c1", (await NextAsync()).ConnectionId);
    }

    [Fact]
    public async Task By_itself_it_finds_a_silent_session_within_the_time_out_and_an_interval()
    {
        var (timeout, interval) = (TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1));
        await using var sweeper = new SweeperHost(_database.ConnectionString, timeout, interval);
        await sweeper.StartAsync(Cancelled);
        await Deadline.UntilAsync(_ => Redis.KeyExistsAsync(PresenceKeys.Pulse), Patience, "pulse of the sweeper", Cancelled);
        var opened = System.Diagnostics.Stopwatch.StartNew();
        await OpenAsync(sweeper.Store, "c1", "c2");
        using var beats = new PeriodicTimer(timeout / 20);
        var next = NextAsync(sweeper);
        while (!next.IsCompleted)
        {
            await sweeper.Store.HeartbeatAsync("session of c2", Cancelled);
            await sweeper.Store.RefreshEdgeAsync(_edge, 0, 2, Cancelled);
            await beats.WaitForNextTickAsync(Cancelled);
        }

        Assert.Equal("c1", (await next).ConnectionId);

        // A machine that stalls for a sixth of the time-out gets one grace period, and rightly so.
        Assert.InRange(opened.Elapsed, timeout, (timeout * 2) + interval + TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task It_goes_on_when_the_store_is_back()
    {
        await using var sweeper = new SweeperHost(_database.ConnectionString, TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(200));
        await sweeper.StartAsync(Cancelled);
        await own.Server.StopAsync(Cancelled);
        try
        {
            await Deadline.UntilAsync(_ => Task.FromResult(sweeper.Store.Failures > 10), Patience, "failures of the stopped store", Cancelled);
        }
        finally
        {
            await own.Server.StartAgainAsync(CancellationToken.None);
        }

        await OpenAsync(sweeper.Store, "c1");
        await Deadline.UntilAsync(
            async token =>
            {
                await sweeper.Store.OpenEdgeAsync(_edge, token);
                return await Redis.KeyExistsAsync(PresenceKeys.SweepClaim(_edge));
            },
            Patience,
            "sweep after the restart",
            Cancelled);
    }

    private Task OpenAsync(params string[] connections) => OpenAsync(_sweeper.Store, connections);

    private async Task OpenAsync(PresenceStore store, params string[] connections)
    {
        var batch = new PresenceBatch();
        batch.Opened.AddRange(connections.Select(connection => new PresenceEntry(connection, $"session of {connection}")));
        await Deadline.UntilAsync(
            async token =>
            {
                try
                {
                    await store.OpenEdgeAsync(_edge, token);
                    await store.WriteAsync(_edge, batch, token);
                    return true;
                }
                catch (PresenceUnavailableException)
                {
                    return false;
                }
            },
            Patience,
            "registration of connections",
            Cancelled);
    }

    /// <summary>Makes all connections due and ends the sessions of some, with no grace period to wait for.</summary>
    private async Task FallSilentAsync(params string[] connections)
    {
        await _sweeper.Store.PulseAsync(Cancelled);
        await Redis.KeyDeleteAsync(PresenceKeys.Grace);
        await Redis.KeyDeleteAsync([.. connections.Select(connection => PresenceKeys.Alive($"session of {connection}"))]);
        var all = await Redis.SortedSetRangeByRankAsync(PresenceKeys.Deadlines(_edge));
        await Redis.SortedSetAddAsync(PresenceKeys.Deadlines(_edge), [.. all.Select(member => new SortedSetEntry(member, 0))]);
    }

    private Task<ConnectionExpired> NextAsync() => NextAsync(_sweeper);

    private static Task<ConnectionExpired> NextAsync(SweeperHost sweeper) =>
        sweeper.Published.ReadAsync(Cancelled).AsTask().WithinAsync(Patience, "publication of an expired connection");
}
