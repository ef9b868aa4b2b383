using Push.EndToEndTests.Setup;
using Push.TestKit;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Operations;

/// <summary>Whatever signal tells a service to stop, it drains and ends with 0: a closed terminal (SIGHUP) and a supervisor's SIGQUIT like Ctrl+C and SIGTERM.</summary>
public sealed class StopTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    private static readonly Dictionary<string, string?> Settings = new() { ["Edge:DrainTimeout"] = "00:00:02", ["Access:AllowAnonymous"] = "true" };

    [Theory]
    [InlineData("HUP")]
    [InlineData("QUIT")]
    public async Task Every_service_drains(string signal)
    {
        await using var host = await Topologies.Broker.CreateVirtualHostAsync(Cancelled);
        using var database = await Topologies.Store.TakeDatabaseAsync(Cancelled);
        await using var topology = await Topology.StartServicesAsync(
            new ServicesPlan { Broker = host.Address, Store = database.ConnectionString, Apis = 1, Edges = 1, Settings = Settings }, Cancelled);

        // The gateway last: the client is connected to the Edge itself.
        await AssertDrainsAsync(topology, signal);
    }

    [Theory]
    [InlineData("HUP")]
    [InlineData("QUIT")]
    [InlineData("INT")]
    public async Task The_all_in_one_drains(string signal)
    {
        await using var topology = await Topology.StartAllInOneAsync(Settings, cancellationToken: Cancelled);
        await AssertDrainsAsync(topology, signal);
    }

    private async Task AssertDrainsAsync(Topology topology, string signal)
    {
        var site = Enter(topology);
        var client = await site.ConnectAsync(Site.Unique("room"));
        foreach (var service in topology.Services)
        {
            await service.SignalAsync(signal, Cancelled);
        }

        Assert.Equal(1001, (await client.Closed.WithinAsync(Grace, "the close of the client")).Code);
        foreach (var service in topology.Services)
        {
            Assert.Equal((service.Name, 0), (service.Name, await service.WaitForExitAsync(Grace)));
            Assert.DoesNotContain(service.Log.Lines, line => line.Contains("Unhandled exception", StringComparison.Ordinal));
        }
    }
}
