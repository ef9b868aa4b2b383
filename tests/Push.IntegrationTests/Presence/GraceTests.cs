using System.Diagnostics;
using Push.Presence;
using Xunit;

namespace Push.IntegrationTests.Presence;

public sealed class GraceTests : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);
    private static readonly PresenceEntry Tab = new("c1", "t1");

    private readonly EdgeInstance _edge = EdgeInstance.Next("edge-1");
    private readonly List<PresenceEntry> _expired = [];
    private RedisServer _redis = null!;
    private StoreHost _host = null!;

    private PresenceStore Store => _host.Store;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _host = new StoreHost(_redis.ConnectionString, Timeout, SweepInterval);
    }

    public async ValueTask DisposeAsync()
    {
        _host.Dispose();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task A_paused_store_answers_with_an_error_within_five_seconds()
    {
        await Store.PingAsync(Cancelled);
        await _redis.PauseAsync(TimeSpan.FromSeconds(6));

        var watch = Stopwatch.StartNew();
        await Assert.ThrowsAsync<PresenceUnavailableException>(() => Store.HeartbeatAsync("t1", Cancelled));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_stopped_store_answers_with_an_error_and_is_used_again_when_it_is_back()
    {
        await Store.PingAsync(Cancelled);
        await _redis.StopProcessAsync();
        var watch = Stopwatch.StartNew();
        await Assert.ThrowsAsync<PresenceUnavailableException>(() => Store.HeartbeatAsync("t1", Cancelled));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));

        await _redis.StartProcessAsync();
        await Eventually.IsTrueAsync("the store is used again", TimeSpan.FromSeconds(5), CanBeatAsync);
    }

    [Fact]
    public async Task A_service_starts_while_its_store_is_away()
    {
        await _redis.StopProcessAsync();
        using var host = new StoreHost(_redis.ConnectionString, Timeout, SweepInterval);
        await host.StartAsync(Cancelled);

        await _redis.StartProcessAsync();
        await Eventually.IsTrueAsync("the pulse beats", TimeSpan.FromSeconds(5), () => _redis.Database.KeyExistsAsync(PresenceKeys.Pulse));
    }

    [Fact]
    public async Task Nobody_is_handed_over_for_one_time_out_after_a_gap_in_the_pulse()
    {
        await BeginAsync();
        await EndSessionAsync();
        await _redis.Database.StringDecrementAsync(PresenceKeys.Pulse, (long)(Timeout / 5).TotalMilliseconds);

        await SweepAsync();
        Assert.Empty(_expired); // as the sweeper sees it, before anybody has granted a grace period

        await Store.PulseAsync(Cancelled);
        await SweepAsync();
        Assert.Empty(_expired);
        Assert.InRange((await _redis.Database.KeyTimeToLiveAsync(PresenceKeys.Grace))!.Value, Timeout - TimeSpan.FromSeconds(1), Timeout);
        Assert.Equal(Timeout, await Store.GetRemainingAsync("t1", Cancelled));

        await _redis.Database.KeyDeleteAsync(PresenceKeys.Grace); // what its time to live does
        await SweepAsync();
        Assert.Equal([Tab], _expired);
        Assert.Null(await Store.GetRemainingAsync("t1", Cancelled));
    }

    [Fact]
    public async Task A_steady_pulse_grants_nothing()
    {
        await BeginAsync();
        await _redis.Database.StringDecrementAsync(PresenceKeys.Pulse, (long)(Timeout / 8).TotalMilliseconds);

        await Store.PulseAsync(Cancelled);
        Assert.False(await _redis.Database.KeyExistsAsync(PresenceKeys.Grace));
    }

    [Fact]
    public async Task A_service_whose_heartbeat_was_not_recorded_grants_a_grace_period_to_all()
    {
        await BeginAsync();
        await _redis.PauseAsync(TimeSpan.FromSeconds(4));
        await Assert.ThrowsAsync<PresenceUnavailableException>(() => Store.HeartbeatAsync("t1", Cancelled));
        using var sweeper = new StoreHost(_redis.ConnectionString, Timeout, SweepInterval);
        await sweeper.Store.PulseAsync(Cancelled); // the pause has ended
        await _redis.Database.KeyDeleteAsync(PresenceKeys.Grace); // and the others have noticed nothing
        await EndSessionAsync();

        await Store.PulseAsync(Cancelled);
        Assert.True(await _redis.Database.KeyExistsAsync(PresenceKeys.Grace));
        Assert.Equal(Timeout, await sweeper.Store.GetRemainingAsync("t1", Cancelled));
    }

    [Fact]
    public async Task Sessions_that_ran_out_while_the_store_was_paused_are_not_closed_if_they_go_on()
    {
        await BeginAsync();
        using var sweeper = new StoreHost(_redis.ConnectionString, Timeout, SweepInterval);
        await sweeper.StartAsync(Cancelled);
        await _redis.Database.KeyPersistAsync(PresenceKeys.Deadlines(_edge)); // it survives, the session's key does not
        await _redis.PauseAsync(Timeout * 1.2);

        await Eventually.IsTrueAsync("the store is back", Timeout * 2, CanAnswerAsync);
        Assert.False(await _redis.Database.KeyExistsAsync(PresenceKeys.Alive("t1")));
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Timeout * 0.9;)
        {
            await _redis.Database.SortedSetAddAsync(PresenceKeys.Deadlines(_edge), Tab.ToString(), 0);
            await SweepAsync();
            Assert.Empty(_expired);
            await Task.Delay(100, Cancelled);
        }

        await Store.HeartbeatAsync("t1", Cancelled);
        await Eventually.IsTrueAsync("the grace period ends", Timeout, async () => !await _redis.Database.KeyExistsAsync(PresenceKeys.Grace));
        await SweepAsync();
        Assert.Empty(_expired);
    }

    private async Task BeginAsync()
    {
        await Store.PulseAsync(Cancelled);
        await Store.OpenEdgeAsync(_edge, Cancelled);
        await Store.WriteAsync(_edge, new PresenceBatch { Opened = { Tab } }, Cancelled);
        await _redis.Database.KeyDeleteAsync(PresenceKeys.Grace); // of the start: nobody has pulsed before
    }

    private async Task SweepAsync()
    {
        await _redis.Database.SortedSetAddAsync(PresenceKeys.Deadlines(_edge), Tab.ToString(), 0);
        await Store.SweepAsync(
            _edge,
            (gone, _) =>
            {
                _expired.AddRange(gone);
                return Task.CompletedTask;
            },
            Cancelled);
    }

    private Task<bool> EndSessionAsync() => _redis.Database.KeyDeleteAsync(PresenceKeys.Alive("t1"));

    private Task<bool> CanBeatAsync() => SucceedsAsync(() => Store.HeartbeatAsync("t1", Cancelled));

    private Task<bool> CanAnswerAsync() => SucceedsAsync(() => Store.PingAsync(Cancelled));

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
