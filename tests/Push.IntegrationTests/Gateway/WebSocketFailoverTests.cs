using System.Net;
using System.Net.WebSockets;
using System.Text;
using Push.IntegrationTests.Listening;
using Push.TestKit;
using Push.TestKit.Network;
using Xunit;

namespace Push.IntegrationTests.Gateway;

/// <summary>A WebSocket finds the Edge that has room, over HTTP/1.1 and over HTTP/2 (RFC 8441), with TLS, in front of real Edges.</summary>
public sealed class WebSocketFailoverTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly SelfSignedCertificate _certificate = new();
    private readonly HttpMessageInvoker _invoker;
    private EdgeHost _other = null!;

    public WebSocketFailoverTests() => _invoker = new HttpMessageInvoker(
        new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => _certificate.IsThis(shown) } });

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _other = await EdgeHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _invoker.Dispose();
        await _other.DisposeAsync();
        _certificate.Dispose();
    }

    [Theory]
    [InlineData("1.1", "full")]
    [InlineData("2.0", "full")]
    [InlineData("1.1", "draining")]
    [InlineData("2.0", "draining")]
    public async Task An_Edge_that_takes_nobody_costs_no_client_an_error(string version, string state)
    {
        await using var first = await EdgeHost.StartAsync(("Edge:MaxConnections", "1"));
        await using var last = state == "full" ? await first.OpenAsync() : null;
        if (state == "draining")
        {
            first.Readiness.BeginDrain();
        }

        await using var gateway = await StartAsync(first.Address);

        await AssertReachesTheOtherAsync(gateway, version);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Nor_does_one_that_is_gone_or_dies_at_it(string version)
    {
        await using (var gateway = await StartAsync(new Uri("http://127.0.0.1:1")))
        {
            await AssertReachesTheOtherAsync(gateway, version);
        }

        await using var dying = new Breaker();
        await using (var gateway = await StartAsync(new Uri(dying.Url)))
        {
            await AssertReachesTheOtherAsync(gateway, version);
        }

        Assert.NotEqual(0, dying.Broken);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Where_no_Edge_takes_it_the_client_is_told_so(string version)
    {
        await using var first = await EdgeHost.StartAsync();
        first.Readiness.BeginDrain();
        _other.Readiness.BeginDrain();
        await using var gateway = await StartAsync(first.Address);
        using var client = NewClient(version);

        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(client, gateway));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, client.HttpStatusCode);
    }

    private async Task AssertReachesTheOtherAsync(GatewayHost gateway, string version)
    {
        using var client = NewClient(version);
        await ConnectAsync(client, gateway);
        _other.Publish("1001", "GOAL");
        var buffer = new byte[100];
        var received = await client.ReceiveAsync(buffer.AsMemory(), Cancelled).AsTask().WithinAsync(Patience, "the message");
        Assert.Equal("GOAL", Encoding.UTF8.GetString(buffer, 0, received.Count));
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "", Cancelled).WithinAsync(Patience, "the closing handshake");
    }

    private Task ConnectAsync(ClientWebSocket client, GatewayHost gateway)
    {
        var address = new UriBuilder(gateway.Address) { Scheme = "wss", Path = "/ws", Query = _other.Query("1001") }.Uri;
        return client.ConnectAsync(address, _invoker, Cancelled).WithinAsync(Patience, "the opening handshake");
    }

    private static ClientWebSocket NewClient(string version) => new()
    {
        Options = { HttpVersion = Version.Parse(version), HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact, CollectHttpResponseDetails = true },
    };

    /// <summary>A gateway with TLS that chooses the first Edge for each handshake until it learns better.</summary>
    private Task<GatewayHost> StartAsync(Uri first) => GatewayHost.StartAsync(
        first.AbsoluteUri,
        first.AbsoluteUri,
        ("Listen:Url", "https://127.0.0.1:0"),
        ("Listen:CertificatePath", _certificate.PemPath),
        ("Listen:CertificateKeyPath", _certificate.KeyPath),
        ("ReverseProxy:Clusters:edge:LoadBalancingPolicy", "FirstAlphabetical"),
        ("ReverseProxy:Clusters:edge:HealthCheck:Active:Enabled", "false"),
        ("ReverseProxy:Clusters:api:HealthCheck:Active:Enabled", "false"),
        ("ReverseProxy:Clusters:edge:Destinations:other:Address", _other.Address.AbsoluteUri));
}
