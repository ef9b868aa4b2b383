using System.Diagnostics;
using Push.EndToEndTests.Setup;
using Push.TestKit;
using Push.TestKit.Servers;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Faults;

public sealed class BrokerFaultTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    // What a publisher is promised, and what measuring it may add on a busy machine.
    private static readonly TimeSpan RefusalLimit = TimeSpan.FromSeconds(5) + TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_stopped_broker_costs_503s_and_nothing_else()
    {
        await using var broker = await BrokerServer.StartAsync(Cancelled);
        await using var host = await broker.CreateVirtualHostAsync(Cancelled);
        using var database = await Topologies.Store.TakeDatabaseAsync(Cancelled);
        await using var topology = await Topology.StartServicesAsync(
            new ServicesPlan { Broker = host.Address, Store = database.ConnectionString, HasGateway = false },
            Cancelled);
        var site = Enter(topology);
        var room = Site.Unique("room");
        var clients = await Task.WhenAll(site.ConnectAsync(room, edge: 0), site.ConnectAsync(room, edge: 1));
        Assert.Equal(200, await PushAsync(site, room, "before"));

        await broker.StopAsync(Cancelled);
        await AssertRefusedInTimeAsync(site, room);

        await broker.StartAgainAsync(Cancelled);
        var startedAgain = Stopwatch.GetTimestamp();
        await Deadline.UntilAsync(async _ => await PushAsync(site, room, "after") == 200, RecoveryLimit, "a push after the broker is back", Cancelled);
        Output.WriteLine($"The first push was taken {Stopwatch.GetElapsedTime(startedAgain).TotalSeconds:0.0} s after the broker was back.");
        Assert.Equal(200, await PushAsync(site, room, "last"));

        foreach (var client in clients)
        {
            var received = await client.ReceiveUntilAsync("last", RecoveryLimit, "the last message");

            // A push that was answered 503 may have been taken all the same; one that was answered 200 must have been.
            Assert.Equal(["before", "after"], received.Except(["refused"]));
            Assert.Equal(received.Distinct(), received);
            Assert.True(client.IsOpen);
        }

        await Task.WhenAll(topology.Services.Select(service => service.ReadyAsync(Cancelled)));
    }

    private static async Task AssertRefusedInTimeAsync(Site site, string room)
    {
        foreach (var api in site.Apis)
        {
            var askedAt = Stopwatch.GetTimestamp();
            var answer = await api.PublishAsync(new { roomId = room, id = "refused", message = "refused" }, Cancelled);
            Assert.Equal(503, answer.Status);
            Assert.True(answer.RetryAfter > TimeSpan.Zero, $"no Retry-After: {answer}");
            Assert.InRange(Stopwatch.GetElapsedTime(askedAt), TimeSpan.Zero, RefusalLimit);
        }
    }

    /// <summary>A publisher as it should be: what it sends again has the same id.</summary>
    private static async Task<int> PushAsync(Site site, string room, string message) =>
        (await site.Calls.PublishAsync(new { roomId = room, id = message, message }, Cancelled)).Status;
}
