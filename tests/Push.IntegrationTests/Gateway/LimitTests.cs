using System.Net;
using Push.IntegrationTests.Api;
using Xunit;

namespace Push.IntegrationTests.Gateway;

public sealed class LimitTests : IAsyncLifetime
{
    private Destination _api = null!;

    public async ValueTask InitializeAsync() => _api = await Destination.StartAsync("api");

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task More_requests_than_allowed_are_429()
    {
        await using var gateway = await GatewayHost.StartAsync(_api.Url, _api.Url, ("Gateway:RequestsPerSecond", "5"));

        // A burst that no machine stretches to so many seconds that all of it would be allowed.
        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => gateway.Client.GetAsync("/get/token", TestContext.Current.CancellationToken)));

        var refused = answers.Where(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ToArray();
        Assert.NotEmpty(refused);
        Assert.True(answers.Length - refused.Length >= 5);
        Assert.Equal(TimeSpan.FromSeconds(1), refused[0].Headers.RetryAfter?.Delta);
        await JsonAnswer.IsAsync(HttpStatusCode.TooManyRequests, """{"error":"Too many requests from this address"}""", refused[0]);
        Assert.Equal(HttpStatusCode.OK, (await gateway.Client.GetAsync("/health", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_large_body_is_refused_before_it_reaches_a_service()
    {
        await using var gateway = await GatewayHost.StartAsync(_api.Url, _api.Url);

        await JsonAnswer.IsAsync(
            HttpStatusCode.RequestEntityTooLarge,
            """{"error":"The body exceeds 1048576 bytes"}""",
            await gateway.Client.PostAsync("/push/new/score/message", new ByteArrayContent(new byte[20_000_000]), TestContext.Current.CancellationToken));

        Assert.Empty(_api.Requests);
    }

    [Fact]
    public async Task No_log_line_and_no_span_of_the_gateway_holds_a_token()
    {
        const string Token = "c2VjcmV0LXRva2VuLXRoYXQtbm9ib2R5LW1heS1yZWFk";
        await using var gateway = await GatewayHost.StartAsync(_api.Url, "http://127.0.0.1:1");

        foreach (var path in new[] { "/heartbeat?token=", "/ws?token=", "/nowhere?token=", "/health?token=" })
        {
            using var response = await gateway.Client.GetAsync(path + Token, TestContext.Current.CancellationToken);
        }

        // After the end of the host nothing more is written.
        await gateway.App.StopAsync(TestContext.Current.CancellationToken);
        Assert.Contains(_api.Requests, request => request.Contains(Token, StringComparison.Ordinal));
        Assert.Contains(gateway.Log.Lines, line => line.Contains("Yarp.ReverseProxy", StringComparison.Ordinal));
        Assert.NotEmpty(gateway.Spans.Spans);
        Assert.DoesNotContain(gateway.Log.Lines, line => line.Contains(Token, StringComparison.Ordinal));
        Assert.DoesNotContain(gateway.Spans.Spans, span => span.Contains(Token, StringComparison.Ordinal));
    }
}
