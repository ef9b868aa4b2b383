using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Push.IntegrationTests.Api;
using Push.TestKit;
using Push.TestKit.Clients;
using Xunit;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace Push.IntegrationTests.Gateway;

public sealed class RoutingTests : IAsyncLifetime
{
    private const string NobodyListens = "http://127.0.0.1:1";

    private Destination _api = null!;
    private Destination _edge = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await Destination.StartAsync("api");
        _edge = await Destination.StartAsync("edge");
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _edge.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", "/", "api")]
    [InlineData("GET", "/get/token?deviceId=a", "api")]
    [InlineData("GET", "/heartbeat?token=a", "api")]
    [InlineData("POST", "/push/new/score/message", "api")]
    [InlineData("GET", "/presence/rooms/match-1", "api")]
    [InlineData("GET", "/openapi/v1.json", "api")]
    [InlineData("GET", "/playground/page.js", "api")]
    [InlineData("GET", "/docs", "api")]
    [InlineData("GET", "/docs/scalar.js", "api")]
    [InlineData("GET", "/ws?token=a", "edge")]
    public async Task Every_address_of_the_contract_leads_to_its_service_under_the_clients_host(string method, string path, string service)
    {
        await using var gateway = await GatewayHost.StartAsync(_api.Url, _edge.Url);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Host = "push.example.com";

        using var response = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal($"{service} {method} {path} for push.example.com", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Other_addresses_lead_nowhere()
    {
        await using var gateway = await GatewayHost.StartAsync(_api.Url, _edge.Url);

        await JsonAnswer.IsAsync(HttpStatusCode.NotFound, """{"error":"Not Found"}""", await gateway.Client.GetAsync("/metrics", TestContext.Current.CancellationToken));
        await JsonAnswer.IsAsync(HttpStatusCode.OK, """{"status":"healthy"}""", await gateway.Client.GetAsync("/health", TestContext.Current.CancellationToken));
        Assert.Empty(_api.Requests);
    }

    [Fact]
    public async Task A_service_that_cannot_be_reached_is_502_and_worth_a_retry()
    {
        await using var gateway = await GatewayHost.StartAsync(NobodyListens, NobodyListens);

        var response = await gateway.Client.GetAsync("/get/token?deviceId=a", TestContext.Current.CancellationToken);

        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
        await JsonAnswer.IsAsync(HttpStatusCode.BadGateway, """{"error":"Bad Gateway"}""", response);
    }

    [Fact]
    public async Task A_websocket_passes_in_both_directions()
    {
        await using var gateway = await GatewayHost.StartAsync(_api.Url, _edge.Url);

        await AssertUpgradesAsync(gateway.Address);
    }

    [Fact]
    public async Task The_second_port_is_for_websockets_alone()
    {
        await using var gateway = await GatewayHost.StartAsync(_api.Url, _edge.Url, ("Listen:Edge:Url", "http://127.0.0.1:0"));

        await AssertUpgradesAsync(gateway.EdgeAddress);
        await JsonAnswer.IsAsync(
            HttpStatusCode.NotFound,
            """{"error":"Not Found"}""",
            await gateway.Client.GetAsync(new Uri(gateway.EdgeAddress, "/get/token?deviceId=a"), TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.OK, (await gateway.Client.GetAsync("/get/token?deviceId=a", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task An_edge_that_is_not_ready_gets_no_new_connections()
    {
        await using var other = await Destination.StartAsync("other");
        await using var gateway = await GatewayHost.StartAsync(
            _api.Url, _edge.Url, ("ReverseProxy:Clusters:edge:Destinations:other:Address", other.Url));
        _edge.IsReady = false;
        await WaitUntilUnhealthyAsync(gateway, _edge.Url);

        for (var i = 0; i < 20; i++)
        {
            Assert.StartsWith("other ", await gateway.Client.GetStringAsync("/ws", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Where_no_edge_is_ready_all_of_them_are_tried()
    {
        await using var gateway = await GatewayHost.StartAsync(_api.Url, _edge.Url);
        _edge.IsReady = false;
        await WaitUntilUnhealthyAsync(gateway, _edge.Url);

        Assert.StartsWith("edge ", await gateway.Client.GetStringAsync("/ws", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static async Task AssertUpgradesAsync(Uri address)
    {
        await using var client = await RawClient.ConnectAsync(address);
        await client.SendAsync(RawClient.Handshake("?token=a", host: "push.example.com"));
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Equal("edge GET /ws?token=a for push.example.com", await client.ReadLineAsync());
        await client.SendAsync("back and forth\n");
        Assert.Equal("back and forth", await client.ReadLineAsync());
    }

    private static async Task WaitUntilUnhealthyAsync(GatewayHost gateway, string url)
    {
        Assert.True(gateway.App.Services.GetRequiredService<IProxyStateLookup>().TryGetCluster("edge", out var cluster));
        var destination = cluster.Destinations.Values.Single(each => each.Model.Config.Address.TrimEnd('/') == url);
        await Deadline.UntilAsync(
            _ => Task.FromResult(destination.Health.Active == DestinationHealth.Unhealthy),
            TimeSpan.FromSeconds(60),
            $"the probes find {url} unhealthy",
            TestContext.Current.CancellationToken);
    }
}
