using Push.EndToEndTests.Setup;
using Push.TestKit;
using Push.TestKit.Clients;
using Push.TestKit.Network;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Tls;

public sealed class SecureWebSocketTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    [Fact]
    public async Task An_all_in_one_with_a_certificate_serves_the_contract_over_wss()
    {
        using var certificate = new SelfSignedCertificate();
        await using var topology = await Topology.StartAllInOneAsync(new Dictionary<string, string?>(), certificate, Cancelled);

        await AssertServesAsync(topology);
    }

    [Fact]
    public async Task An_edge_with_a_certificate_serves_the_contract_over_wss()
    {
        using var certificate = new SelfSignedCertificate();
        await using var host = await Topologies.Broker.CreateVirtualHostAsync(Cancelled);
        using var database = await Topologies.Store.TakeDatabaseAsync(Cancelled);
        await using var topology = await Topology.StartServicesAsync(
            new ServicesPlan
            {
                Broker = host.Address,
                Store = database.ConnectionString,
                Apis = 1,
                Edges = 1,
                Sweepers = 0,
                HasGateway = false,
                EdgeCertificate = certificate,
            },
            Cancelled);

        await AssertServesAsync(topology);
    }

    private async Task AssertServesAsync(Topology topology)
    {
        var site = Enter(topology);
        var edge = Assert.Single(site.Edges);
        Assert.Equal("wss", edge.Scheme);
        var room = Site.Unique("room");
        var client = await site.ConnectAsync(room);

        Assert.Equal(new Answer(401, "Missing token"), await RawClient.HandshakeAsync(edge, "/ws"));
        Assert.Equal(new Answer(401, "Token error"), await RawClient.HandshakeAsync(edge, "/ws?token=altered"));
        using (var rude = await RawClient.UpgradeAsync(edge, MintedToken.Of(Site.Unique("device"))))
        {
            await rude.SendAsync(ClientFrames.Unmasked(ClientFrames.Text, "hello"u8));
            Assert.Equal(1002, (await rude.SkipToCloseAsync().WithinAsync(Soon, "close frame over TLS"))?.CloseCode);
        }

        string[] messages = ["first", new string('x', 30_000), "last"];
        foreach (var message in messages)
        {
            Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = room, message }, Cancelled)).Status);
        }

        Assert.Equal(messages, await client.ReceiveAsync(messages.Length, Soon, "messages over TLS"));
        await client.CloseAsync();
        Assert.Equal(1000, (await client.Closed).Code);
    }
}
