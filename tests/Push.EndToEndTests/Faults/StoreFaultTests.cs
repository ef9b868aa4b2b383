using Push.EndToEndTests.Setup;
using Push.TestKit;
using Push.TestKit.Clients;
using Push.TestKit.Servers;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Faults;

/// <summary>Whatever happens to the store, nobody who sends heartbeats is disconnected.</summary>
public abstract class StoreFaultTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    /// <summary>As short as a busy machine allows: four heartbeats have to miss it before a client is silent.</summary>
    protected static readonly TimeSpan HeartbeatTimeout = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(60);

    // Time-out, grace after the store's return, sweeps in between, and a busy machine.
    private static readonly TimeSpan SweptLimit = TimeSpan.FromSeconds(180);

    /// <summary>Starts a topology on a store of its own, harms that as <paramref name="harm"/> says, and looks at what it costs.</summary>
    /// <param name="harm">From a healthy store to a healthy store.</param>
    protected async Task AssertHarmlessAsync(Func<StoreServer, Site, string, Task> harm)
    {
        ArgumentNullException.ThrowIfNull(harm);
        await using var store = await StoreServer.StartAsync(Cancelled);
        using var database = await store.TakeDatabaseAsync(Cancelled);
        await using var host = await Topologies.Broker.CreateVirtualHostAsync(Cancelled);
        await using var topology = await Topology.StartServicesAsync(
            new ServicesPlan
            {
                Broker = host.Address,
                Store = database.ConnectionString,
                Apis = 1,
                Edges = 2,
                Sweepers = 2,
                HasGateway = false,
                Settings = new Dictionary<string, string?> { ["Liveness:HeartbeatTimeout"] = $"{HeartbeatTimeout}", ["Liveness:SweepInterval"] = "00:00:02" },
            },
            Cancelled);
        var site = Enter(topology, heartbeatInterval: HeartbeatTimeout / 4);
        var room = Site.Unique("room");
        var alive = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => site.ConnectAsync(room, edge: i)));
        var token = await site.Calls.GetTokenAsync(Site.Unique("device"), cancellationToken: Cancelled);

        await harm(store, site, room);

        await Deadline.UntilAsync(async _ => (await site.Calls.HeartbeatAsync(token, Cancelled)).Status == 200, RecoveryLimit, "a heartbeat after the store is back", Cancelled);

        // When the sweep has found the one that is silent, it has had its chance to take the others for silent too.
        var silent = await site.ConnectSilentlyAsync(token, room);
        var close = await silent.Closed.WithinAsync(SweptLimit, "the end of the silent client after the store is back");
        Assert.Equal(4201, close.Code);
        await AssertReachesAsync(site, room, "at last", alive);
    }

    protected static async Task AssertReachesAsync(Site site, string room, string message, IReadOnlyCollection<PlainClient> clients)
    {
        ArgumentNullException.ThrowIfNull(site);
        Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = room, message }, Cancelled)).Status);
        foreach (var client in clients)
        {
            await client.ReceiveUntilAsync(message, Soon, $"the message '{message}'");
        }
    }
}
