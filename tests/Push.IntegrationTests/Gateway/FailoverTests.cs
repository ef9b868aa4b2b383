using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Push.IntegrationTests.Api;
using Push.TestKit;
using Push.TestKit.Clients;
using Xunit;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace Push.IntegrationTests.Gateway;

public sealed class FailoverTests : IAsyncLifetime
{
    private const string NobodyListens = "http://127.0.0.1:1";

    private static readonly string[] Clusters = ["api", "edge"];

    /// <summary>Less than connecting takes without a bound of the gateway's own.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private Destination _other = null!;

    public async ValueTask InitializeAsync() => _other = await Destination.StartAsync("other");

    public ValueTask DisposeAsync() => _other.DisposeAsync();

    [Fact]
    public async Task A_destination_that_is_gone_costs_no_client_an_error()
    {
        await using var gateway = await StartAsync(NobodyListens);

        Assert.Equal("other GET /ws?token=a for push.example.com", await ConnectAsync(gateway));
        Assert.StartsWith("other GET /get/token ", await GetAsync(gateway, "/get/token"), StringComparison.Ordinal);
        await AssertPublishReachesTheOtherAsync(gateway);
    }

    [Fact]
    public async Task A_destination_that_answers_no_connection_costs_no_client_an_error()
    {
        using var gone = await BlackHole.OpenAsync(TestContext.Current.CancellationToken);
        await using var gateway = await StartAsync(gone.Url);

        Assert.Equal("other GET /ws?token=a for push.example.com", await ConnectAsync(gateway));
        await AssertPublishReachesTheOtherAsync(gateway);
    }

    [Fact]
    public async Task A_destination_that_is_gone_is_left_alone_from_then_on()
    {
        await using var gateway = await StartAsync(NobodyListens);

        await ConnectAsync(gateway);

        Assert.True(gateway.App.Services.GetRequiredService<IProxyStateLookup>().TryGetCluster("edge", out var cluster));
        await WaitUntilChosenAloneAsync(cluster, _other.Url);
    }

    [Fact]
    public async Task A_GET_whose_connection_broke_is_asked_again_elsewhere()
    {
        await using var dying = new Breaker();
        await using var gateway = await StartAsync(dying.Url);

        Assert.StartsWith("other GET /heartbeat ", await GetAsync(gateway, "/heartbeat"), StringComparison.Ordinal);
        Assert.Equal("other GET /ws?token=a for push.example.com", await ConnectAsync(gateway));
        Assert.NotEqual(0, dying.Broken);
    }

    [Fact]
    public async Task A_publish_whose_connection_broke_is_not_repeated_since_it_may_have_happened()
    {
        await using var dying = new Breaker();
        await using var gateway = await StartAsync(dying.Url);

        await JsonAnswer.IsAsync(HttpStatusCode.BadGateway, """{"error":"Bad Gateway"}""", await PublishAsync(gateway));
        Assert.Empty(_other.Requests);
    }

    [Fact]
    public async Task A_publish_that_takes_too_long_is_not_repeated_since_it_may_have_happened()
    {
        await using var slow = await Destination.StartAsync("slow");
        var never = new TaskCompletionSource();
        slow.MayAnswer = never.Task;
        await using var gateway = await StartAsync(slow.Url, ("ReverseProxy:Clusters:api:HttpRequest:ActivityTimeout", "00:00:00.5"));

        await JsonAnswer.IsAsync(HttpStatusCode.GatewayTimeout, """{"error":"Gateway Timeout"}""", await PublishAsync(gateway));
        Assert.Single(slow.Requests);
        Assert.Empty(_other.Requests);
    }

    [Fact]
    public async Task A_handshake_that_a_full_Edge_refuses_goes_to_another()
    {
        await using var full = await Destination.StartAsync("full");
        full.IsFull = true;
        await using var gateway = await StartAsync(full.Url);

        Assert.Equal("other GET /ws?token=a for push.example.com", await ConnectAsync(gateway));
        Assert.Single(full.Requests);
    }

    [Fact]
    public async Task Where_all_Edges_are_full_the_client_gets_the_answer_of_the_last()
    {
        await using var full = await Destination.StartAsync("full");
        full.IsFull = _other.IsFull = true;
        await using var gateway = await StartAsync(full.Url);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/ws");
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "websocket");
        using var response = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(7), response.Headers.RetryAfter?.Delta);
        Assert.Equal("other is full", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Single(full.Requests);
        Assert.Single(_other.Requests);
    }

    [Fact]
    public async Task A_503_of_an_Api_is_the_clients()
    {
        await using var full = await Destination.StartAsync("full");
        full.IsFull = true;
        await using var gateway = await StartAsync(full.Url);

        using var response = await PublishAsync(gateway);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("full is full", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Empty(_other.Requests);
    }

    [Fact]
    public async Task No_more_than_three_destinations_are_tried()
    {
        await using var gateway = await StartAsync(
            NobodyListens,
            ("ReverseProxy:Clusters:api:Destinations:b:Address", NobodyListens),
            ("ReverseProxy:Clusters:api:Destinations:c:Address", NobodyListens));

        await JsonAnswer.IsAsync(HttpStatusCode.BadGateway, """{"error":"Bad Gateway"}""", await PublishAsync(gateway));
        Assert.Empty(_other.Requests);
    }

    /// <summary>A gateway that chooses the first destination for each request until it learns better, for Apis and Edges alike.</summary>
    private Task<GatewayHost> StartAsync(string first, params (string Key, string? Value)[] settings) => GatewayHost.StartAsync(
        first,
        first,
        [
            .. Clusters.SelectMany(cluster => new (string, string?)[]
            {
                ($"ReverseProxy:Clusters:{cluster}:LoadBalancingPolicy", "FirstAlphabetical"),
                ($"ReverseProxy:Clusters:{cluster}:HealthCheck:Active:Enabled", "false"),
                ($"ReverseProxy:Clusters:{cluster}:Destinations:other:Address", _other.Url),
            }),
            .. settings,
        ]);

    private static async Task AssertPublishReachesTheOtherAsync(GatewayHost gateway)
    {
        using var response = await PublishAsync(gateway);
        Assert.Equal(
            $"other POST /push/new/score/message for {gateway.Address.Authority} with a whole body",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static Task<HttpResponseMessage> PublishAsync(GatewayHost gateway) =>
        gateway.Client.PostAsync("/push/new/score/message", new StringContent("a whole body"), TestContext.Current.CancellationToken);

    private static Task<string> GetAsync(GatewayHost gateway, string path) => gateway.Client.GetStringAsync(path, TestContext.Current.CancellationToken);

    /// <returns>What the destination said, once the protocol was switched.</returns>
    private static async Task<string> ConnectAsync(GatewayHost gateway)
    {
        await using var client = await RawClient.ConnectAsync(gateway.Address);
        await client.SendAsync(RawClient.Handshake("?token=a", host: "push.example.com"));
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadResponseAsync().WithinAsync(Soon, "the answer to the handshake"), StringComparison.Ordinal);
        return await client.ReadLineAsync();
    }

    private static Task WaitUntilChosenAloneAsync(ClusterState cluster, string url) => Deadline.UntilAsync(
        _ => Task.FromResult(cluster.DestinationsState.AvailableDestinations.All(destination => destination.Model.Config.Address.TrimEnd('/') == url)),
        Soon,
        $"{url} alone is chosen",
        TestContext.Current.CancellationToken);
}
