using Push.Presence;
using Push.TestKit;
using Push.TestKit.Servers;
using StackExchange.Redis;
using Xunit;

namespace Push.IntegrationTests.Presence;

public sealed class PresenceStoreTests(SharedStore shared) : IAsyncLifetime
{
    /// <summary>An Edge's keys live for half of it: longer than a busy machine stalls.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);
    private static readonly PresenceEntry Tab = new("c1", "t1");
    private static readonly PresenceEntry OtherTab = new("c2", "t1");
    private static readonly PresenceEntry Stranger = new("c3", "t2");

    private readonly EdgeInstance _edge = EdgeInstance.Next("edge-1");
    private readonly List<PresenceEntry> _expired = [];
    private StoreDatabase _database = null!;
    private StoreHost _host = null!;

    private PresenceStore Store => _host.Store;

    private IDatabase Redis => _host.Database;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await shared.TakeDatabaseAsync(Cancelled);
        _host = new StoreHost(_database.ConnectionString, Timeout, SweepInterval);
    }

    public ValueTask DisposeAsync()
    {
        _host.Dispose();
        _database.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Opening_a_connection_counts_as_a_heartbeat_and_sets_its_deadline_by_the_stores_clock()
    {
        await OpenAsync(Tab);

        var deadline = await Redis.SortedSetScoreAsync(PresenceKeys.Deadlines(_edge), Tab.ToString());
        var remaining = await Store.GetRemainingAsync("t1", Cancelled);
        Assert.InRange(remaining!.Value, Timeout / 2, Timeout);
        Assert.InRange(deadline!.Value - await NowAsync(), Timeout.TotalMilliseconds / 2, Timeout.TotalMilliseconds);
    }

    [Fact]
    public async Task A_heartbeat_writes_one_key_of_the_session_and_nothing_else()
    {
        await Store.HeartbeatAsync("t1", Cancelled);

        Assert.Equal(["push:{t1}:alive"], await _host.KeysAsync());
        Assert.InRange((await Redis.KeyTimeToLiveAsync("push:{t1}:alive"))!.Value, Timeout / 2, Timeout);
    }

    [Fact]
    public async Task A_sweep_hands_over_the_connections_of_a_silent_session_alone()
    {
        await OpenAsync(Tab, OtherTab, Stranger);
        await ForceDueAsync(Tab, OtherTab, Stranger);
        await EndSessionAsync("t1");

        Assert.Equal(new SweepCount(3, 2), await SweepAsync());
        Assert.Equal([Tab, OtherTab], _expired.Order(Comparer<PresenceEntry>.Create((a, b) => string.CompareOrdinal(a.ConnectionId, b.ConnectionId))));
    }

    [Fact]
    public async Task A_sweep_puts_the_living_back_for_the_time_that_is_left_to_them()
    {
        await OpenAsync(Tab);
        await Redis.KeyExpireAsync(PresenceKeys.Alive("t1"), Timeout / 2);
        await ForceDueAsync(Tab);

        Assert.Equal(new SweepCount(1, 0), await SweepAsync());
        var deadline = await Redis.SortedSetScoreAsync(PresenceKeys.Deadlines(_edge), Tab.ToString());
        Assert.InRange(deadline!.Value - await NowAsync(), 1, (Timeout / 2).TotalMilliseconds + 1);
    }

    [Fact]
    public async Task A_connection_is_due_at_its_deadline_and_not_a_millisecond_earlier()
    {
        await OpenAsync(Tab);
        await EndSessionAsync("t1");
        await Redis.SortedSetAddAsync(PresenceKeys.Deadlines(_edge), Tab.ToString(), await NowAsync() + 60_000);
        Assert.Equal(new SweepCount(0, 0), await SweepAsync());

        await Redis.SortedSetAddAsync(PresenceKeys.Deadlines(_edge), Tab.ToString(), await NowAsync());
        Assert.Equal(new SweepCount(1, 1), await SweepAsync());
    }

    [Fact]
    public async Task What_a_sweep_handed_over_comes_again_until_its_Edge_has_removed_it()
    {
        await OpenAsync(Tab);
        for (var i = 1; i <= 2; i++)
        {
            await ForceDueAsync(Tab);
            await EndSessionAsync("t1");
            await SweepAsync();
            Assert.Equal(i, _expired.Count);
        }

        await Store.WriteAsync(_edge, new PresenceBatch { Closed = { Tab } }, Cancelled);
        Assert.Equal(new SweepCount(0, 0), await SweepAsync());
        Assert.Empty(await Redis.SortedSetRangeByRankAsync(PresenceKeys.Deadlines(_edge)));
    }

    [Fact]
    public async Task What_could_not_be_handed_over_stays_due()
    {
        await OpenAsync(Tab);
        await ForceDueAsync(Tab);
        await EndSessionAsync("t1");
        await PassGraceAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => Store.SweepAsync(_edge, (_, _) => throw new InvalidOperationException(), Cancelled));
        Assert.Equal(new SweepCount(1, 1), await SweepAsync());
    }

    [Fact]
    public async Task A_connection_removed_during_a_sweep_does_not_come_back()
    {
        await OpenAsync(Tab);
        await ForceDueAsync(Tab);
        await EndSessionAsync("t1");
        await PassGraceAsync();

        await Store.SweepAsync(_edge, (_, _) => Store.WriteAsync(_edge, new PresenceBatch { Closed = { Tab } }, Cancelled), Cancelled);
        Assert.Empty(await Redis.SortedSetRangeByRankAsync(PresenceKeys.Deadlines(_edge)));
    }

    [Fact]
    public async Task A_sweep_goes_through_any_number_of_pages()
    {
        var entries = Enumerable.Range(0, 2_500).Select(i => new PresenceEntry($"c{i}", $"t{i}")).ToArray();
        await OpenAsync(entries);
        await ForceDueAsync(entries);
        await Redis.KeyDeleteAsync([.. entries.Take(1_200).Select(entry => PresenceKeys.Alive(entry.TokenId))]);

        Assert.Equal(new SweepCount(2_500, 1_200), await SweepAsync());
        Assert.Equal(1_200, _expired.Distinct().Count());
    }

    [Fact]
    public async Task An_entry_that_nobody_can_read_stops_no_sweep()
    {
        await OpenAsync(Tab);
        await Redis.SortedSetAddAsync(PresenceKeys.Deadlines(_edge), "junk", 0);

        await SweepAsync();
        Assert.Equal([new PresenceEntry("junk", "")], _expired);
    }

    [Fact]
    public async Task A_batch_that_opens_and_closes_a_connection_leaves_nothing()
    {
        await Store.OpenEdgeAsync(_edge, Cancelled);
        await Store.WriteAsync(_edge, new PresenceBatch { Opened = { Tab }, Closed = { Tab } }, Cancelled);

        Assert.Empty(await Redis.SortedSetRangeByRankAsync(PresenceKeys.Deadlines(_edge)));
    }

    [Fact]
    public async Task Everything_that_an_Edge_wrote_runs_out_when_the_Edge_is_no_more()
    {
        await OpenAsync(Tab);
        await Store.WriteAsync(_edge, new PresenceBatch { Opened = { OtherTab }, Rooms = { ["r"] = 1 }, Users = { ["u"] = 1 } }, Cancelled);

        await Deadline.UntilAsync(
            async _ =>
            {
                await Store.HeartbeatAsync("t1", Cancelled); // the session lives on at another Edge
                return !(await _host.KeysAsync()).Any(key => key.Contains("edge-1", StringComparison.Ordinal));
            },
            Timeout * 2,
            "end of the crashed Edge's keys",
            Cancelled);
        Assert.False(await Store.IsEdgeAliveAsync(_edge, Cancelled));
        Assert.False(await Store.RefreshEdgeAsync(_edge, 0, 1, Cancelled));
    }

    [Fact]
    public async Task An_Edge_that_refreshes_keeps_what_it_wrote_and_learns_of_a_loss()
    {
        await OpenAsync(Tab);
        await Redis.KeyExpireAsync(PresenceKeys.Deadlines(_edge), TimeSpan.FromSeconds(2));
        Assert.True(await Store.RefreshEdgeAsync(_edge, 0, 1, Cancelled));
        Assert.True(await Redis.KeyTimeToLiveAsync(PresenceKeys.Deadlines(_edge)) > TimeSpan.FromSeconds(2));

        await _database.ClearAsync(Cancelled);
        Assert.False(await Store.RefreshEdgeAsync(_edge, 0, 1, Cancelled));
    }

    [Fact]
    public async Task Only_one_of_two_sweepers_takes_a_work_list_for_an_interval()
    {
        using var other = new StoreHost(_database.ConnectionString, Timeout, SweepInterval);
        Assert.True(await Store.TryClaimSweepAsync(_edge, Cancelled));
        Assert.False(await other.Store.TryClaimSweepAsync(_edge, Cancelled));

        await Deadline.UntilAsync(token => other.Store.TryClaimSweepAsync(_edge, token), SweepInterval, "end of the claim", Cancelled);
    }

    [Fact]
    public async Task Presence_counts_over_all_Edges()
    {
        var otherEdge = EdgeInstance.Next("edge-2");
        await OpenAsync(Tab, Stranger);
        await Store.OpenEdgeAsync(otherEdge, Cancelled);
        await Store.WriteAsync(_edge, new PresenceBatch { Rooms = { ["1001"] = 2, ["1002"] = 1 }, Users = { ["u1"] = 1, ["u2"] = 1 } }, Cancelled);
        await Store.WriteAsync(otherEdge, new PresenceBatch { Opened = { OtherTab }, Rooms = { ["1001"] = 1 }, Users = { ["u1"] = 1 } }, Cancelled);

        Assert.Equal(3, await Store.CountConnectionsAsync("1001", Cancelled));
        Assert.Equal(0, await Store.CountConnectionsAsync("1003", Cancelled));
        Assert.Equal(2, await Store.CountUsersAsync(Cancelled));
        Assert.Equal(new Dictionary<string, long> { ["edge-1"] = 2, ["edge-2"] = 1 }, await Store.CountConnectionsAsync(Cancelled));

        await Store.WriteAsync(_edge, new PresenceBatch { Rooms = { ["1001"] = 0 }, Users = { ["u2"] = 0 } }, Cancelled);
        Assert.Equal(1, await Store.CountConnectionsAsync("1001", Cancelled));
        Assert.Equal(1, await Store.CountUsersAsync(Cancelled));

        await Store.CloseEdgeAsync(_edge, Cancelled);
        await Store.CloseEdgeAsync(otherEdge, Cancelled);
        Assert.Empty(await Store.CountConnectionsAsync(Cancelled));
        Assert.Equal(0, await Store.CountUsersAsync(Cancelled));
    }

    private async Task OpenAsync(params PresenceEntry[] entries)
    {
        await Store.OpenEdgeAsync(_edge, Cancelled);
        var batch = new PresenceBatch();
        batch.Opened.AddRange(entries);
        await Store.WriteAsync(_edge, batch, Cancelled);
    }

    /// <summary>Sweeps with the store's pulse going and no grace period left.</summary>
    private async Task<SweepCount> SweepAsync()
    {
        await PassGraceAsync();
        return await Store.SweepAsync(
            _edge,
            (gone, _) =>
            {
                _expired.AddRange(gone);
                return Task.CompletedTask;
            },
            Cancelled);
    }

    private async Task PassGraceAsync()
    {
        await Store.PulseAsync(Cancelled);
        await Redis.KeyDeleteAsync(PresenceKeys.Grace);
    }

    private Task<long> ForceDueAsync(params PresenceEntry[] entries) => Redis.SortedSetAddAsync(
        PresenceKeys.Deadlines(_edge), [.. entries.Select(entry => new SortedSetEntry(entry.ToString(), 0))]);

    private Task<bool> EndSessionAsync(string tokenId) => Redis.KeyDeleteAsync(PresenceKeys.Alive(tokenId));

    private async Task<double> NowAsync()
    {
        var time = (long[]?)await Redis.ExecuteAsync("TIME");
        return (time![0] * 1_000) + (time[1] / 1_000);
    }
}
