using System.Net;
using Push.TestKit.Clients;
using Push.TestKit.Network;
using Xunit;

namespace Push.IntegrationTests.Gateway;

/// <summary>An upgrade is a GET of HTTP/1.1 or an extended CONNECT of HTTP/2. Nothing else becomes one on its way through the gateway.</summary>
public sealed class UpgradeMethodTests : IAsyncLifetime
{
    private const string Upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    private Destination _service = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _service = await Destination.StartAsync("service");

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData("POST /ws?token=a HTTP/1.1", 405)]
    [InlineData("POST /push/new/score/message HTTP/1.1", 405)]
    [InlineData("PUT /ws?token=a HTTP/1.1", 405)]
    [InlineData("DELETE /ws?token=a HTTP/1.1", 405)]
    [InlineData("OPTIONS /ws?token=a HTTP/1.1", 405)]
    [InlineData("PATCH /ws?token=a HTTP/1.1", 405)]
    [InlineData("TRACE /ws?token=a HTTP/1.1", 405)]
    [InlineData("HEAD /ws?token=a HTTP/1.1", 405)]
    [InlineData("get /ws?token=a HTTP/1.1", 405)]
    [InlineData("CONNECT localhost:80 HTTP/1.1", 405)]
    [InlineData("CONNECT /ws?token=a HTTP/1.1", 405)]
    [InlineData("GET /ws?token=a HTTP/1.0", 400)]
    [InlineData("POST /ws?token=a HTTP/1.0", 400)]
    public async Task Other_requests_are_refused_before_a_service_sees_them(string requestLine, int status)
    {
        await using var gateway = await StartAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Address);
        var host = requestLine.StartsWith("CONNECT localhost:80", StringComparison.Ordinal) ? "localhost:80" : "localhost";

        await client.SendAsync($"{requestLine}\r\nHost: {host}\r\nContent-Length: 0\r\n{Upgrade}");

        Assert.Equal($"HTTP/1.1 {status} ", string.Concat((await client.ReadRawAsync(13)).Select(each => (char)each)));
        Assert.Empty(_service.Requests);
    }

    [Theory]
    [InlineData("other")]
    [InlineData("connect-udp")]
    public async Task An_extended_CONNECT_for_something_else_is_refused(string protocol)
    {
        using var certificate = new SelfSignedCertificate();
        await using var gateway = await StartAsync(
            ("Listen:Url", "https://127.0.0.1:0"), ("Listen:CertificatePath", certificate.PemPath), ("Listen:CertificateKeyPath", certificate.KeyPath));
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => certificate.IsThis(shown) } };
        using var invoker = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Connect, new Uri(gateway.Address, "/ws?token=a"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { Protocol = protocol },
        };

        using var response = await invoker.SendAsync(request, Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(_service.Requests);
    }

    /// <summary>It names a protocol that is not there, and is an ordinary publish: one that may have happened must not be repeated.</summary>
    [Fact]
    public async Task A_publish_that_only_speaks_of_an_upgrade_is_not_repeated()
    {
        await using var dying = new Breaker();
        await using var gateway = await GatewayHost.StartAsync(
            dying.Url,
            dying.Url,
            ("ReverseProxy:Clusters:api:LoadBalancingPolicy", "FirstAlphabetical"),
            ("ReverseProxy:Clusters:api:HealthCheck:Active:Enabled", "false"),
            ("ReverseProxy:Clusters:edge:HealthCheck:Active:Enabled", "false"),
            ("ReverseProxy:Clusters:api:Destinations:other:Address", _service.Url));
        await using var client = await RawClient.ConnectAsync(gateway.Address);

        await client.SendAsync("POST /push/new/score/message HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 502 ", await client.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Equal(1, dying.Broken);
        Assert.Empty(_service.Requests);
    }

    private Task<GatewayHost> StartAsync(params (string Key, string? Value)[] settings) => GatewayHost.StartAsync(_service.Url, _service.Url, settings);
}
