using System.Diagnostics;
using Push.Presence;
using Push.TestKit;
using Push.TestKit.Servers;
using StackExchange.Redis;
using Xunit;

namespace Push.IntegrationTests.Presence;

public sealed class GraceTests(OwnStore own) : IClassFixture<OwnStore>, IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly PresenceEntry Tab = new("c1", "t1");

    private readonly EdgeInstance _edge = EdgeInstance.Next("edge-1");
    private readonly List<PresenceEntry> _expired = [];
    private StoreDatabase _database = null!;
    private StoreHost _host = null!;

    private PresenceStore Store => _host.Store;

    private IDatabase Redis => _host.Database;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await own.Server.TakeDatabaseAsync(Cancelled);
        _host = new StoreHost(_database.ConnectionString, Timeout, SweepInterval);
        await Store.PingAsync(Cancelled);
    }

    public ValueTask DisposeAsync()
    {
        _host.Dispose();
        _database.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_paused_store_answers_with_an_error_within_five_seconds()
    {
        await own.Server.PauseAsync(Cancelled);
        try
        {
            await AssertFailsInTimeAsync();
        }
        finally
        {
            await own.Server.ResumeAsync(CancellationToken.None);
        }

        await Deadline.UntilAsync(CanBeatAsync, Patience, "use of the resumed store", Cancelled);
    }

    [Fact]
    public async Task A_stopped_store_answers_with_an_error_and_is_used_again_when_it_is_back()
    {
        await own.Server.StopAsync(Cancelled);
        try
        {
            await AssertFailsInTimeAsync();
        }
        finally
        {
            await own.Server.StartAgainAsync(CancellationToken.None);
        }

        await Deadline.UntilAsync(CanBeatAsync, Patience, "use of the restarted store", Cancelled);
    }

    [Fact]
    public async Task A_service_starts_while_its_store_is_away()
    {
        await own.Server.StopAsync(Cancelled);
        using var host = new StoreHost(_database.ConnectionString, Timeout, SweepInterval);
        try
        {
            await host.StartAsync(Cancelled).WithinAsync(Patience, "start without a store");
        }
        finally
        {
            await own.Server.StartAgainAsync(CancellationToken.None);
        }

        await Deadline.UntilAsync(CanBeatAsync, Patience, "use of the restarted store", Cancelled);
        await Deadline.UntilAsync(_ => Redis.KeyExistsAsync(PresenceKeys.Pulse), Patience, "pulse of the service", Cancelled);
    }

    [Fact]
    public async Task Nobody_is_handed_over_for_one_time_out_after_a_gap_in_the_pulse()
    {
        await BeginAsync();
        await EndSessionAsync();
        await Redis.StringDecrementAsync(PresenceKeys.Pulse, (long)(Timeout / 5).TotalMilliseconds);

        await SweepAsync();
        Assert.Empty(_expired); // as the sweeper sees it, before anybody has granted a grace period

        await Store.PulseAsync(Cancelled);
        await SweepAsync();
        Assert.Empty(_expired);
        Assert.InRange((await Redis.KeyTimeToLiveAsync(PresenceKeys.Grace))!.Value, Timeout / 2, Timeout);
        Assert.Equal(Timeout, await Store.GetRemainingAsync("t1", Cancelled));

        await Redis.KeyDeleteAsync(PresenceKeys.Grace); // what its time to live does
        await SweepAsync();
        Assert.Equal([Tab], _expired);
        Assert.Null(await Store.GetRemainingAsync("t1", Cancelled));
    }

    [Fact]
    public async Task A_steady_pulse_grants_nothing()
    {
        await BeginAsync();
        await Redis.StringDecrementAsync(PresenceKeys.Pulse, (long)(Timeout / 20).TotalMilliseconds);

        await Store.PulseAsync(Cancelled);
        Assert.False(await Redis.KeyExistsAsync(PresenceKeys.Grace));
    }

    [Fact]
    public async Task A_service_whose_heartbeat_was_not_recorded_grants_a_grace_period_to_all()
    {
        await BeginAsync();
        using var sweeper = new StoreHost(_database.ConnectionString, Timeout, SweepInterval);
        await own.Server.PauseAsync(Cancelled);
        try
        {
            await Assert.ThrowsAsync<PresenceUnavailableException>(() => Store.HeartbeatAsync("t1", Cancelled));
        }
        finally
        {
            await own.Server.ResumeAsync(CancellationToken.None);
        }

        await Deadline.UntilAsync(CanAnswerAsync, Patience, "use of the resumed store", Cancelled);
        await sweeper.Store.PulseAsync(Cancelled);
        await Redis.KeyDeleteAsync(PresenceKeys.Grace); // as if the others had noticed nothing
        await EndSessionAsync();
        Assert.Null(await sweeper.Store.GetRemainingAsync("t1", Cancelled));

        await Store.PulseAsync(Cancelled);
        Assert.Equal(Timeout, await sweeper.Store.GetRemainingAsync("t1", Cancelled));
    }

    [Fact]
    public async Task Sessions_that_ran_out_while_the_store_was_paused_are_not_closed_if_they_go_on()
    {
        await BeginAsync();
        using var sweeper = new StoreHost(_database.ConnectionString, Timeout, SweepInterval);
        await sweeper.StartAsync(Cancelled);
        await Redis.KeyPersistAsync(PresenceKeys.Deadlines(_edge)); // it survives, the session's key does not
        await Redis.KeyExpireAsync(PresenceKeys.Alive("t1"), TimeSpan.FromMilliseconds(1_500));
        await own.Server.PauseAsync(Cancelled);
        try
        {
            await AssertFailsInTimeAsync();
        }
        finally
        {
            await own.Server.ResumeAsync(CancellationToken.None);
        }

        await Deadline.UntilAsync(CanAnswerAsync, Patience, "use of the resumed store", Cancelled);
        await EndSessionAsync(); // what was sent during the pause is carried out after it, or not
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Timeout * 0.9; await ticks.WaitForNextTickAsync(Cancelled))
        {
            await SweepAsync();
            Assert.Empty(_expired);
        }

        await Store.HeartbeatAsync("t1", Cancelled);
        await Deadline.UntilAsync(async _ => !await Redis.KeyExistsAsync(PresenceKeys.Grace), Timeout, "end of the grace period", Cancelled);
        await SweepAsync();
        Assert.Empty(_expired);
    }

    private async Task BeginAsync()
    {
        await Store.PulseAsync(Cancelled);
        await Store.OpenEdgeAsync(_edge, Cancelled);
        await Store.WriteAsync(_edge, new PresenceBatch { Opened = { Tab } }, Cancelled);
        await Redis.KeyDeleteAsync(PresenceKeys.Grace); // of the start: nobody has pulsed before
    }

    private async Task SweepAsync()
    {
        await Redis.SortedSetAddAsync(PresenceKeys.Deadlines(_edge), Tab.ToString(), 0);
        await Store.SweepAsync(
            _edge,
            (gone, _) =>
            {
                _expired.AddRange(gone);
                return Task.CompletedTask;
            },
            Cancelled);
    }

    private Task<bool> EndSessionAsync() => Redis.KeyDeleteAsync(PresenceKeys.Alive("t1"));

    private async Task AssertFailsInTimeAsync()
    {
        var watch = Stopwatch.StartNew();
        await Assert.ThrowsAsync<PresenceUnavailableException>(() => Store.HeartbeatAsync("t1", Cancelled));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }

    private Task<bool> CanBeatAsync(CancellationToken token) => SucceedsAsync(() => Store.HeartbeatAsync("t1", token));

    private Task<bool> CanAnswerAsync(CancellationToken token) => SucceedsAsync(() => Store.PingAsync(token));

    private static async Task<bool> SucceedsAsync(Func<Task> call)
    {
        try
        {
            await call();
            return true;
        }
        catch (PresenceUnavailableException)
        {
            return false;
        }
    }
}
