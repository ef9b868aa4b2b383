using System.Diagnostics;
using Push.Contracts;
using Push.Edge.Connections;
using Push.IntegrationTests.Presence;
using Push.Presence;
using Push.TestKit;
using Push.TestKit.Servers;
using Xunit;

namespace Push.IntegrationTests.Liveness;

public sealed class TimeoutTests(OwnStore own) : IClassFixture<OwnStore>, IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>A machine that stalls for a sixth of the time-out gets one grace period, and rightly so.</summary>
    private static readonly TimeSpan Slack = EdgeRig.HeartbeatTimeout + TimeSpan.FromSeconds(30);

    private StoreDatabase _database = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await own.Server.TakeDatabaseAsync(Cancelled);

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_silent_connection_is_closed_after_the_time_out_and_one_that_beats_stays()
    {
        await using var edge = await StartAsync(withSweeper: true);
        var (silent, beating) = (edge.Open("t1"), edge.Open("t2"));

        var elapsed = await BeatUntilClosedAsync(edge, beating, silent);
        Assert.InRange(elapsed, EdgeRig.HeartbeatTimeout - TimeSpan.FromMilliseconds(50), EdgeRig.HeartbeatTimeout + EdgeRig.SweepInterval + Slack);
        Assert.Equal(CloseReason.HeartbeatTimeout, silent.CloseReason);
        Assert.Null(beating.CloseReason);
    }

    [Fact]
    public async Task With_no_sweeper_the_Edge_closes_its_silent_connections_itself()
    {
        await using var edge = await StartAsync(withSweeper: false);
        var (silent, beating) = (edge.Open("t1"), edge.Open("t2"));

        var elapsed = await BeatUntilClosedAsync(edge, beating, silent);
        var limit = EdgeRig.HeartbeatTimeout + (EdgeRig.SweepInterval * 2) + (EdgeRig.HeartbeatTimeout / 6);
        Assert.InRange(elapsed, EdgeRig.HeartbeatTimeout - TimeSpan.FromMilliseconds(50), limit + Slack);
        Assert.Null(beating.CloseReason);
    }

    [Fact]
    public async Task Of_two_tabs_of_a_session_neither_is_closed_while_it_beats()
    {
        await using var edge = await StartAsync(withSweeper: true);
        var (silent, tab, otherTab) = (edge.Open("t1"), edge.Open("t2"), edge.Open("t2"));

        await BeatUntilClosedAsync(edge, tab, silent);
        Assert.Null(tab.CloseReason);
        Assert.Null(otherTab.CloseReason);
    }

    [Fact]
    public async Task An_event_closes_the_connection_of_an_ended_session_on_its_own_Edge_alone()
    {
        await using var edge = await StartAsync(withSweeper: false);
        var (alive, foreign, silent) = (edge.Open("t1"), edge.Open("t2"), edge.Open("t3"));
        await Deadline.UntilAsync(async _ => await edge.Redis.KeyExistsAsync(PresenceKeys.Alive("t3")), Patience, "registration", Cancelled);
        await PassGraceAsync(edge, "t2", "t3");

        await edge.Bus.PublishAsync([new ConnectionExpired { EdgeId = EdgeRig.EdgeId, ConnectionId = "unknown", TokenId = "t3" }], Cancelled);
        await edge.Bus.PublishAsync([new ConnectionExpired { EdgeId = EdgeRig.EdgeId, ConnectionId = alive.Id.ToString(), TokenId = "t1" }], Cancelled);
        await edge.Bus.PublishAsync([new ConnectionExpired { EdgeId = "edge-2", ConnectionId = foreign.Id.ToString(), TokenId = "t2" }], Cancelled);
        await edge.Bus.PublishAsync([new ConnectionExpired { EdgeId = EdgeRig.EdgeId, ConnectionId = silent.Id.ToString(), TokenId = "t3" }], Cancelled);

        await UntilClosedAsync(silent);
        Assert.Null(alive.CloseReason);
        Assert.Null(foreign.CloseReason);
    }

    [Fact]
    public async Task While_the_store_is_away_an_event_closes_nobody()
    {
        await using var edge = await StartAsync(withSweeper: false);
        var silent = edge.Open("t1");
        await Deadline.UntilAsync(async _ => await edge.Redis.KeyExistsAsync(PresenceKeys.Alive("t1")), Patience, "registration", Cancelled);
        await PassGraceAsync(edge, "t1");
        await own.Server.PauseAsync(Cancelled);
        try
        {
            var failures = edge.Store.Failures;
            await edge.Bus.PublishAsync([new ConnectionExpired { EdgeId = EdgeRig.EdgeId, ConnectionId = silent.Id.ToString(), TokenId = "t1" }], Cancelled);
            await Deadline.UntilAsync(_ => Task.FromResult(edge.Store.Failures > failures + 3), Patience, "failures of the paused store", Cancelled);
            Assert.Null(silent.CloseReason);
        }
        finally
        {
            await own.Server.ResumeAsync(CancellationToken.None);
        }
    }

    private async Task<EdgeRig> StartAsync(bool withSweeper)
    {
        var edge = new EdgeRig(_database.ConnectionString, withSweeper);
        await edge.StartAsync(Cancelled);
        await Deadline.UntilAsync(_ => edge.Redis.KeyExistsAsync(PresenceKeys.Pulse), Patience, "pulse of the Edge", Cancelled);
        await edge.Redis.KeyDeleteAsync(PresenceKeys.Grace); // of the start: nobody has pulsed before
        return edge;
    }

    private static async Task PassGraceAsync(EdgeRig edge, params string[] endedSessions)
    {
        await edge.Redis.KeyDeleteAsync([.. endedSessions.Select(PresenceKeys.Alive)]);
        await edge.Redis.KeyDeleteAsync(PresenceKeys.Grace);
    }

    private static async Task<TimeSpan> BeatUntilClosedAsync(EdgeRig edge, Connection beating, Connection silent)
    {
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(EdgeRig.HeartbeatTimeout / 20);
        while (silent.CloseReason is null && watch.Elapsed < EdgeRig.HeartbeatTimeout * 4)
        {
            await edge.Store.HeartbeatAsync(beating.Session.TokenId, Cancelled);
            await timer.WaitForNextTickAsync(Cancelled);
        }

        return watch.Elapsed;
    }

    private static Task UntilClosedAsync(Connection connection) =>
        Deadline.UntilAsync(_ => Task.FromResult(connection.CloseReason == CloseReason.HeartbeatTimeout), Patience, "close of the silent connection", Cancelled);
}
