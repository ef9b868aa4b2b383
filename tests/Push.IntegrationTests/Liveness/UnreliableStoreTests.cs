using System.Diagnostics;
using System.Globalization;
using Push.IntegrationTests.Presence;
using Push.Presence;
using Push.TestKit;
using Xunit;

namespace Push.IntegrationTests.Liveness;

/// <summary>
/// How an Edge's connections are registered anew with a store that has lost everything: with a sound one for comparison, then with one that lets
/// every tenth command time out. <c>PUSH_STORE_CONNECTIONS</c> says how many there are.
/// </summary>
public sealed class UnreliableStoreTests(OwnStore own) : IClassFixture<OwnStore>
{
    private static readonly int Count = int.Parse(Environment.GetEnvironmentVariable("PUSH_STORE_CONNECTIONS") ?? "2000", CultureInfo.InvariantCulture);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>As long as the measured number needs, with all their heartbeats.</summary>
    private static readonly TimeSpan HeartbeatTimeout = TimeSpan.FromSeconds(Math.Max(6, Count / 1_000));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_store_that_times_out_every_tenth_command_gets_no_storm_and_nobody_is_closed()
    {
        using var database = await own.Server.TakeDatabaseAsync(Cancelled);
        var store = new UnreliableStore();
        await using var edge = new EdgeRig(database.ConnectionString, withSweeper: true, HeartbeatTimeout, store.Register);
        using var clients = new StoreHost(database.ConnectionString, HeartbeatTimeout, EdgeRig.SweepInterval);
        await edge.StartAsync(Cancelled);
        var connections = Enumerable.Range(0, Count).Select(i => edge.Open($"t{i}", null, $"r{i % 100}")).ToArray();
        await UntilRegisteredAsync("registration");

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var beating = BeatAsync(clients.Store, stop.Token);
        await LoseAllAsync("a sound store");
        store.Every = 10;
        var commands = await LoseAllAsync("every tenth command times out");
        await Task.Delay(HeartbeatTimeout * 2, Cancelled);
        store.Every = 0;
        await UntilRegisteredAsync("everybody still there");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => beating);

        Assert.Equal(0, connections.Count(connection => connection.CloseReason is not null));

        // Sweeps among them. A whole registration anew for each time-out would be hundreds of times as many.
        Assert.InRange(commands, 0, Count * 5);

        async Task<int> LoseAllAsync(string how)
        {
            await database.ClearAsync(Cancelled);
            store.Reset();
            var since = Stopwatch.StartNew();
            await UntilRegisteredAsync($"registration anew: {how}");
            var closed = string.Join(", ", connections.Where(connection => connection.CloseReason is not null).CountBy(connection => connection.CloseReason!.Text).Select(reason => $"{reason.Value} {reason.Key}"));
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{how}: {Count} connections registered anew in {since.Elapsed.TotalSeconds:F1} s with {store.Commands} commands, at most {store.Peak} a second, {store.TimedOut} timed out; closed: {(closed.Length > 0 ? closed : "nobody")}");
            return store.Commands;
        }

        Task UntilRegisteredAsync(string phase) => Deadline.UntilAsync(
            async _ => (await clients.Store.CountConnectionsAsync(Cancelled)).GetValueOrDefault(EdgeRig.EdgeId) == Count, Patience, phase, Cancelled);
    }

    /// <summary>As clients do: one heartbeat each in a third of the time-out, and once more soon where one failed.</summary>
    private static async Task BeatAsync(PresenceStore store, CancellationToken stopped)
    {
        using var timer = new PeriodicTimer(HeartbeatTimeout / 30);
        for (var part = 0; await timer.WaitForNextTickAsync(stopped); part = (part + 1) % 10)
        {
            await Task.WhenAll(Enumerable.Range(0, Count).Where(i => i % 10 == part).Select(i => BeatOnceAsync(store, $"t{i}", stopped)));
        }
    }

    private static async Task BeatOnceAsync(PresenceStore store, string session, CancellationToken stopped)
    {
        while (true)
        {
            try
            {
                await store.HeartbeatAsync(session, stopped);
                return;
            }
            catch (PresenceUnavailableException)
            {
                await Task.Delay(HeartbeatTimeout / 30, stopped);
            }
        }
    }
}
