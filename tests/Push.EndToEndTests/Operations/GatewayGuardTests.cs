using Push.EndToEndTests.Setup;
using Push.TestKit.Clients;
using Push.TestKit.Network;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Operations;

/// <summary>A gateway in front of a developer's own all-in-one, which is open: on a network it must not open it to others, on loopback it serves.</summary>
public sealed class GatewayGuardTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    [Theory]
    [InlineData("http://*", 403)]
    [InlineData("http://0.0.0.0", 403)]
    [InlineData("http://127.0.0.1", 200)]
    [InlineData("http://localhost", 200)]
    public async Task A_gateway_on_a_network_opens_nothing(string host, int status)
    {
        await using var topology = await Topology.StartAllInOneAsync(
            new Dictionary<string, string?> { ["ASPNETCORE_ENVIRONMENT"] = "Development" }, cancellationToken: Cancelled);
        Enter(topology);
        var address = new Uri($"http://{ServerAddress.Loopback(FreePort.Take())}");
        await using var gateway = ServiceProcess.Launch(
            "gateway",
            "gateway/Push.Gateway",
            address,
            [
                new("Listen:Url", $"{host}:{address.Port}"),
                new("ReverseProxy:Clusters:api:Destinations:api:Address", topology.Apis[0].GetLeftPart(UriPartial.Authority)),
                new("ReverseProxy:Clusters:edge:Destinations:edge:Address", $"http://{topology.Edges[0].Authority}"),
            ]);
        await gateway.ReadyAsync(Cancelled);

        using var direct = new PushCalls(topology.Apis[0]);
        using var through = new PushCalls(address);
        var token = await direct.GetTokenAsync("device", cancellationToken: Cancelled);
        Assert.Equal(status, (await through.GetAsync("/get/token?deviceId=a", Cancelled)).Status);
        Assert.Equal(status, (await through.PublishAsync(new { roomId = "1", message = "x" }, Cancelled)).Status);
        if (status == 403)
        {
            Assert.Equal(403, (await RawClient.HandshakeAsync(Topology.WebSocketAddress(address), $"/ws?token={token}")).Status);
        }
        else
        {
            using var client = await RawClient.UpgradeAsync(Topology.WebSocketAddress(address), token);
        }
    }
}
