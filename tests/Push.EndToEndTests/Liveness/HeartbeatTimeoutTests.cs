using Push.EndToEndTests.Setup;
using Push.TestKit;
using Push.TestKit.Clients;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Liveness;

/// <summary>In real time, with a time-out that is shorter than an operator's.</summary>
public sealed class HeartbeatTimeoutTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Interval = Timeout / 4;

    // A busy machine may be late, or give everybody another time-out of grace. It is never early.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);

    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Liveness:HeartbeatTimeout"] = $"{Timeout}",
        ["Liveness:SweepInterval"] = "00:00:01",
    };

    [Fact]
    public async Task In_one_process_a_silent_client_is_closed_after_the_time_out_and_one_with_heartbeats_stays()
    {
        await using var topology = await Topology.StartAllInOneAsync(Settings, cancellationToken: Cancelled);
        await ObserveAsync(Enter(topology), "all in one");
    }

    [Fact]
    public async Task Among_services_a_silent_client_is_closed_after_the_time_out_and_one_with_heartbeats_stays()
    {
        await using var host = await Topologies.Broker.CreateVirtualHostAsync(Cancelled);
        using var database = await Topologies.Store.TakeDatabaseAsync(Cancelled);
        await using var topology = await Topology.StartServicesAsync(
            new ServicesPlan { Broker = host.Address, Store = database.ConnectionString, Apis = 1, Settings = Settings }, Cancelled);

        await Task.WhenAll(ObserveAsync(Enter(topology), "services"), ObserveAsync(Enter(topology, throughGateway: true), "through the gateway"));
    }

    private static async Task ObserveAsync(Site site, string entrance)
    {
        var room = Site.Unique("room");
        var token = await site.Calls.GetTokenAsync(Site.Unique("device"), cancellationToken: Cancelled);
        PlainClient[] tabs = [await site.ConnectSilentlyAsync(token, room, edge: 0), await site.ConnectSilentlyAsync(token, room, edge: 1)];
        tabs[0].KeepAlive(site.Calls, token, Interval);
        var silent = await site.ConnectSilentlyAsync(await site.Calls.GetTokenAsync(Site.Unique("device"), cancellationToken: Cancelled), room);

        var close = await silent.Closed.WithinAsync(Limit, $"{entrance}: the end of the silent client");

        Assert.Equal((4201, "heartbeat timeout"), (close.Code, close.Text));
        Assert.True(close.After >= Timeout, $"{entrance}: closed after {close.After.TotalSeconds:0.0} s, before the time-out");

        // They have been connected for longer than the silent one.
        Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = room, message = "alive" }, Cancelled)).Status);
        foreach (var tab in tabs)
        {
            Assert.Equal(["alive"], await tab.ReceiveAsync(1, Soon, $"{entrance}: a message to a client with heartbeats"));
        }
    }
}
