using System.Net;
using Push.IntegrationTests.Api;
using Push.IntegrationTests.Gateway;
using Push.IntegrationTests.Listening;
using Push.TestKit.Clients;
using Xunit;

namespace Push.IntegrationTests.ServiceDefaults.Http;

public sealed class SecurityHeadersTests(DevelopmentApi api) : IClassFixture<DevelopmentApi>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/get/token?deviceId=a", 200)]
    [InlineData("GET", "/get/token", 400)]
    [InlineData("GET", "/heartbeat", 401)]
    [InlineData("GET", "/presence/users", 200)]
    [InlineData("POST", "/push/new/score/message", 415)]
    [InlineData("PUT", "/push/new/score/message", 405)]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("GET", "/health", 200)]
    [InlineData("GET", "/openapi/v1.json", 200)]
    [InlineData("GET", "/docs/scalar.js", 200)]
    [InlineData("GET", "/playground/page.js", 200)]
    public async Task Whatever_an_api_answers_is_no_page(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await api.Host.Client.SendAsync(request, Cancelled);

        Assert.True(status == (int)response.StatusCode || path == "/presence/users", $"{path}: {response.StatusCode}");
        AssertGuarded(response, "default-src 'none'; frame-ancestors 'none'");
    }

    [Theory]
    [InlineData("/", "script-src 'self'")]
    [InlineData("/docs/", "script-src 'self'")]
    public async Task A_page_takes_scripts_from_files_alone(string path, string policy)
    {
        using var response = await api.Host.Client.GetAsync(path, Cancelled);

        AssertGuarded(response, policy);
        var scripts = Assert.Single(response.Headers.GetValues("Content-Security-Policy")).Split("; ").Single(part => part.StartsWith("script-src", StringComparison.Ordinal));
        Assert.Equal("script-src 'self'", scripts);
        var page = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.DoesNotContain("<style", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/ws", HttpStatusCode.BadRequest)]
    [InlineData("/nowhere", HttpStatusCode.NotFound)]
    public async Task An_edges_refusals_are_guarded_too(string path, HttpStatusCode status)
    {
        await using var edge = await EdgeHost.StartAsync();
        using var client = new HttpClient { BaseAddress = edge.Address };

        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Cancelled);

        Assert.Equal(status, response.StatusCode);
        AssertGuarded(response, "default-src 'none'; frame-ancestors 'none'");
    }

    [Theory]
    [InlineData("?token=nonsense", 401)]
    [InlineData("", 401)]
    public async Task A_refused_handshake_is_guarded_and_an_accepted_one_is_left_alone(string query, int status)
    {
        await using var edge = await EdgeHost.StartAsync();
        await using var refused = await edge.ConnectAsync();
        await refused.SendAsync(RawClient.Handshake(query));

        var answer = await refused.ReadResponseAsync();

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains("X-Content-Type-Options: nosniff\r\n", answer, StringComparison.Ordinal);
        await using var accepted = await edge.ConnectAsync();
        await accepted.SendAsync("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Contains("nosniff", await accepted.ReadResponseAsync(), StringComparison.Ordinal);
        await accepted.SendAsync(RawClient.Handshake(edge.Query()));
        Assert.DoesNotContain("nosniff", await accepted.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_guards_what_it_answers_itself_and_passes_on_what_services_say()
    {
        await using var gateway = await GatewayHost.StartAsync(api.Host.Address.AbsoluteUri, "http://127.0.0.1:1");
        foreach (var path in new[] { "/nowhere", "/health", "/ws" })
        {
            using var own = await gateway.Client.GetAsync(path, Cancelled);
            AssertGuarded(own, "default-src 'none'; frame-ancestors 'none'");
        }

        using var passedOn = await gateway.Client.GetAsync("/docs/", Cancelled);

        AssertGuarded(passedOn, "script-src 'self'");
    }

    private static void AssertGuarded(HttpResponseMessage response, string policy)
    {
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("DENY", Assert.Single(response.Headers.GetValues("X-Frame-Options")));
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        Assert.Contains(policy, Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }
}
