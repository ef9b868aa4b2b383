using Push.Contracts;
using Push.Edge.Connections;
using Push.IntegrationTests.Presence;
using Push.Presence;
using Push.TestKit;
using Push.TestKit.Servers;
using Xunit;

namespace Push.IntegrationTests.Liveness;

public sealed class PresenceWriterTests(OwnStore own) : IClassFixture<OwnStore>, IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private StoreDatabase _database = null!;
    private EdgeRig _edge = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await own.Server.TakeDatabaseAsync(Cancelled);
        _edge = new EdgeRig(_database.ConnectionString, withSweeper: true);
        await _edge.StartAsync(Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task Connections_come_and_go_in_the_store()
    {
        var tab = _edge.Open("t1", "u1", "1001", "1002");
        var otherTab = _edge.Open("t1", "u1", "1001");
        _edge.Open("t2", rooms: "1002");
        await UntilAsync(async () => await CountAsync() == 3, "registration");
        await UntilAsync(async () => await _edge.Store.CountConnectionsAsync("1001", Cancelled) == 2, "2 connections in room 1001");
        await UntilAsync(async () => await _edge.Store.CountConnectionsAsync("1002", Cancelled) == 2, "2 connections in room 1002");
        await UntilAsync(async () => await _edge.Store.CountUsersAsync(Cancelled) == 1, "1 users");

        _edge.Leave(tab);
        await UntilAsync(async () => await CountAsync() == 2, "removal");
        await UntilAsync(async () => await _edge.Store.CountConnectionsAsync("1002", Cancelled) == 1, "1 connections in room 1002");
        await UntilAsync(async () => await _edge.Store.CountUsersAsync(Cancelled) == 1, "1 users");

        _edge.Leave(otherTab);
        await UntilAsync(async () => await CountAsync() == 1, "removal of the user's last connection");
        await UntilAsync(async () => await _edge.Store.CountUsersAsync(Cancelled) == 0, "0 users");
    }

    [Fact]
    public async Task An_Edge_that_stops_leaves_nothing_behind()
    {
        _edge.Open("t1", "u1", "1001");
        await UntilAsync(async () => await CountAsync() == 1, "registration");
        using var observer = new StoreHost(_database.ConnectionString, EdgeRig.HeartbeatTimeout, EdgeRig.SweepInterval);

        await _edge.StopAsync();
        Assert.Empty(await observer.Store.GetEdgesAsync(Cancelled));
        Assert.DoesNotContain(await observer.KeysAsync(), key => key.StartsWith("push:edges", StringComparison.Ordinal) || key.StartsWith("push:deadlines", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Everybody_is_registered_anew_and_nobody_closed_when_the_store_has_lost_everything()
    {
        var connections = Enumerable.Range(0, 3_000).Select(i => _edge.Open($"t{i}", $"u{i}", "1001")).ToArray();
        await UntilAsync(async () => await CountAsync() == 3_000, "registration");

        await _database.ClearAsync(Cancelled);
        await UntilAsync(async () => await CountAsync() == 3_000, "registration anew");
        await UntilAsync(async () => await _edge.Store.CountConnectionsAsync("1001", Cancelled) == 3_000, "3_000 connections in room 1001");
        await UntilAsync(async () => await _edge.Store.CountUsersAsync(Cancelled) == 3_000, "3_000 users");
        Assert.Single(await _edge.Store.GetEdgesAsync(Cancelled));
        Assert.All(connections, connection => Assert.Null(connection.CloseReason));
    }

    [Fact]
    public async Task Nobody_who_goes_on_is_closed_when_the_store_was_restarted_empty()
    {
        var (kept, removed) = (_edge.Open("t1"), _edge.Open("t2"));
        await UntilAsync(async () => await CountAsync() == 2, "registration");

        await own.Server.StopAsync(Cancelled);
        _edge.Leave(removed);
        await own.Server.StartAgainAsync(Cancelled);
        await UntilAsync(async () => await CountAsync() == 1, "registration anew");
        await BeatAsync(kept, EdgeRig.HeartbeatTimeout * 2);
        Assert.Null(kept.CloseReason);
    }

    [Fact]
    public async Task Nobody_who_goes_on_is_closed_after_the_store_was_paused_for_longer_than_the_time_out()
    {
        var (kept, silent) = (_edge.Open("t1"), _edge.Open("t2"));
        await UntilAsync(async () => await CountAsync() == 2, "registration");

        await own.Server.PauseAsync(Cancelled);
        await Task.Delay(EdgeRig.HeartbeatTimeout * 1.5, Cancelled);
        await own.Server.ResumeAsync(Cancelled);
        await BeatAsync(kept, TimeSpan.FromMinutes(2), until: () => silent.CloseReason is not null);
        Assert.Null(kept.CloseReason);
        Assert.Equal(CloseReason.HeartbeatTimeout, silent.CloseReason);
    }

    [Fact]
    public async Task A_registrar_that_had_to_forget_has_everybody_registered_anew()
    {
        await using var edge = new EdgeRig(_database.ConnectionString, withSweeper: false); // not started: the test takes its steps
        var known = edge.Open("t1", rooms: "1001");
        await edge.Writer.StepAsync(Cancelled);
        for (var i = 0; i < 100_000; i++)
        {
            edge.Registrar.Register(known);
        }

        await edge.Redis.KeyDeleteAsync((await edge.Store.GetEdgesAsync(Cancelled)).Select(PresenceKeys.EdgeRooms).ToArray());
        await UntilAsync(
            async () =>
            {
                await edge.Writer.StepAsync(Cancelled);
                return await edge.Store.CountConnectionsAsync("1001", Cancelled) == 1;
            },
            "registration anew");
    }

    private async Task<long> CountAsync()
    {
        try
        {
            return (await _edge.Store.CountConnectionsAsync(Cancelled)).GetValueOrDefault(EdgeRig.EdgeId);
        }
        catch (PresenceUnavailableException)
        {
            return -1;
        }
    }

    /// <summary>A batch is several commands: its parts become visible one after the other.</summary>
    private static Task UntilAsync(Func<Task<bool>> condition, string phase) => Deadline.UntilAsync(_ => condition(), Patience, phase, Cancelled);

    /// <summary>Sends heartbeats, whatever becomes of them, for a time or until something has happened.</summary>
    private async Task BeatAsync(Connection connection, TimeSpan duration, Func<bool>? until = null)
    {
        using var timer = new PeriodicTimer(EdgeRig.HeartbeatTimeout / 20);
        for (var watch = System.Diagnostics.Stopwatch.StartNew(); watch.Elapsed < duration && until?.Invoke() is not true; await timer.WaitForNextTickAsync(Cancelled))
        {
            try
            {
                await _edge.Store.HeartbeatAsync(connection.Session.TokenId, Cancelled);
            }
            catch (PresenceUnavailableException)
            {
                // As a client's heartbeat would fail.
            }
        }
    }
}
