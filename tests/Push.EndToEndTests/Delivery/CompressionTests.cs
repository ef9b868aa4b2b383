using Push.EndToEndTests.Playground;
using Push.EndToEndTests.Setup;
using Push.TestKit;
using Push.TestKit.Clients;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Delivery;

/// <summary>An Edge with compression switched on, which no other test has.</summary>
public sealed class CompressionTests(Topologies topologies, BrowserFixture browser, ITestOutputHelper output)
    : EndToEndTest(topologies, output), IClassFixture<BrowserFixture>
{
    private const string Negotiated = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    private const string Last = "last";

    private static readonly Dictionary<string, string?> Compressing = new() { ["Edge:Compression:Enabled"] = "true" };

    private static readonly string[] Messages =
        [.. Enumerable.Range(0, 100).Select(i => $"{i} " + string.Concat(Enumerable.Repeat($"Goal {i} – ⚽ ", i % 10 * 20)))];

    [Fact]
    public async Task Clients_with_and_without_it_get_the_same_directly_and_through_the_gateway()
    {
        await using var host = await Topologies.Broker.CreateVirtualHostAsync(Cancelled);
        using var database = await Topologies.Store.TakeDatabaseAsync(Cancelled);
        await using var topology = await Topology.StartServicesAsync(
            new ServicesPlan { Broker = host.Address, Store = database.ConnectionString, Apis = 1, Edges = 1, Sweepers = 0, Settings = Compressing }, Cancelled);
        var (direct, throughGateway) = (Enter(topology), Enter(topology, throughGateway: true));
        var room = Site.Unique("room");
        var clients = new List<PlainClient>();
        foreach (var site in (Site[])[direct, throughGateway])
        {
            clients.Add(await site.ConnectAsync(room));
            Assert.Null(clients[^1].Extensions);
            clients.Add(await site.ConnectAsync(room, offersDeflate: true));
            Assert.Equal(Negotiated, clients[^1].Extensions);
        }

        await PublishAsync(direct, room);

        foreach (var client in clients)
        {
            Assert.Equal(Messages, await client.ReceiveUntilAsync(Last, Soon, "messages in both forms"));
            await client.SendAsync(new string('x', 4000));
            await client.CloseAsync();
            Assert.Equal(1000, (await client.Closed).Code);
        }
    }

    [Fact]
    public async Task A_browser_negotiates_it_by_itself()
    {
        await using var topology = await Topology.StartAllInOneAsync(Compressing, cancellationToken: Cancelled);
        var site = Enter(topology);
        var room = Site.Unique("room");
        var token = await site.Calls.GetTokenAsync(Site.Unique("device"), cancellationToken: Cancelled);
        var page = await browser.Browser.NewPageAsync();
        await page.GotoAsync(site.Calls.Address.AbsoluteUri);

        // Promises of the page, not WaitForFunction: its polls call eval, which the page's Content-Security-Policy refuses.
        var extensions = await page.EvaluateAsync<string>(
            """
            ({ address, last }) => new Promise((resolve, reject) => {
              const arrivals = [];
              window.probe = new WebSocket(address);
              probe.arrived = new Promise(complete => {
                probe.onmessage = event => {
                  arrivals.push(event.data);
                  if (event.data === last) {
                    complete(arrivals);
                  }
                };
              });
              probe.onopen = () => resolve(probe.extensions);
              probe.onerror = () => reject('not connected');
            })
            """,
            new { address = $"{site.Edges[0]}?token={token}&roomIds={room}", last = Last }).WithinAsync(Soon, "the page connects");
        Assert.Equal(Negotiated, extensions);
        await PublishAsync(site, room);

        var received = await page.EvaluateAsync<string[]>("probe.arrived").WithinAsync(Soon, "every message arrives at the page");
        Assert.Equal([.. Messages, Last], received);
        var code = await page.EvaluateAsync<int>(
            """
            () => new Promise(resolve => {
              probe.onclose = event => resolve(event.code);
              probe.send('x'.repeat(4000));
              probe.close(1000);
            })
            """).WithinAsync(Soon, "the closing handshake of the page");
        Assert.Equal(1000, code);
        await page.CloseAsync();
    }

    private static async Task PublishAsync(Site site, string room)
    {
        foreach (var message in (string[])[.. Messages, Last])
        {
            Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = room, message }, Cancelled)).Status);
        }
    }
}
