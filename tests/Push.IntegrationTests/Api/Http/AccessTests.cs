using System.Net;
using Microsoft.Extensions.Options;
using Push.ServiceDefaults.Startup;
using Xunit;

namespace Push.IntegrationTests.Api.Http;

public sealed class AccessTests
{
    private const string Key = "a-key-of-a-back-end";
    private const string OwnOrigin = "own";

    [Theory]
    [InlineData("Development", null, null, 200, 200, 200)]
    [InlineData("Development", null, OwnOrigin, 200, 200, 200)]
    [InlineData("Development", null, "http://localhost:5173", 200, 200, 403)]
    [InlineData("Development", null, "null", 403, 403, 403)]
    [InlineData("Development", null, "https://evil.example", 403, 403, 403)]
    [InlineData("Production", null, null, 401, 401, 401)]
    [InlineData("Production", "Bearer wrong-key-of-a-back-end", null, 401, 401, 401)]
    [InlineData("Production", "Bearer " + Key, null, 200, 200, 200)]
    [InlineData("Production", "Bearer " + Key, OwnOrigin, 200, 200, 200)]
    [InlineData("Production", "Bearer " + Key, "https://app.example.com", 200, 200, 403)]
    public async Task Credentials_and_origins_decide_who_mints_and_publishes(
        string environment, string? authorization, string? origin, int anonymousToken, int userToken, int push)
    {
        await using var host = environment == "Production"
            ? await ApiHost.StartAsync(environment, ("Access:ApiKeys:0", Key))
            : await ApiHost.StartAsync(environment);
        var headers = new List<(string, string)>();
        if (authorization is not null)
        {
            headers.Add(("Authorization", authorization));
        }

        if (origin is not null)
        {
            headers.Add(("Origin", origin == OwnOrigin ? host.Address.GetLeftPart(UriPartial.Authority) : origin));
        }

        Assert.Equal(anonymousToken, (int)(await host.GetAsync("/get/token?deviceId=phone", [.. headers])).StatusCode);
        Assert.Equal(userToken, (int)(await host.GetAsync("/get/token?userId=42&isLogin=true", [.. headers])).StatusCode);
        Assert.Equal(push, (int)(await host.PushAsync("""{"message":"x"}""", headers: [.. headers])).StatusCode);
        Assert.Equal(push == 200 ? 1 : 0, host.Publisher.Published.Count);
    }

    [Fact]
    public async Task A_refusal_says_what_is_missing()
    {
        await using var host = await ApiHost.StartAsync("Production", ("Access:ApiKeys:0", Key));

        var refusal = await host.PushAsync("""{"message":"x"}""");

        Assert.Equal("Bearer", refusal.Headers.WwwAuthenticate.ToString());
        await JsonAnswer.IsAsync(HttpStatusCode.Unauthorized, """{"error":"Missing or wrong API key: send it as Authorization: Bearer <key>"}""", refusal);
    }

    [Fact]
    public async Task A_refusal_logs_nothing_whoever_sends_it_and_how_often()
    {
        await using var host = await ApiHost.StartAsync("Production", ("Access:ApiKeys:0", Key), ("Logging:LogLevel:Default", "Information"), ("Logging:Captured:LogLevel:Default", "Information"));
        var before = host.Log.Lines.Count;

        await host.GetAsync("/heartbeat?token=altered");
        await host.GetAsync("/presence/edges");
        await host.PushAsync("""{"message":"x"}""");

        // The framework's own lines are below what a service logs by default.
        Assert.DoesNotContain(host.Log.Lines.Skip(before), line => line.Contains(" Push.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tokens_without_a_login_may_stay_open()
    {
        await using var host = await ApiHost.StartAsync("Production", ("Access:ApiKeys:0", Key), ("Access:AllowAnonymousTokens", "true"));

        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/get/token?deviceId=phone")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.GetAsync("/get/token?userId=42&isLogin=true")).StatusCode);
    }

    [Theory]
    [InlineData("http://localhost:5173", "/get/token?deviceId=a", "http://localhost:5173")]
    [InlineData("http://localhost:5173", "/heartbeat", "http://localhost:5173")]
    [InlineData("https://evil.example", "/get/token?deviceId=a", null)]
    public async Task Browsers_are_told_which_pages_may_read_an_answer(string origin, string path, string? allowed)
    {
        await using var host = await ApiHost.StartAsync("Development");

        var response = await host.GetAsync(path, ("Origin", origin));

        Assert.Equal(allowed, response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? Assert.Single(values) : null);
    }

    [Theory]
    [InlineData("https://app.example.com", true)]
    [InlineData("http://localhost:5173", false)]
    public async Task Browsers_ask_before_a_page_publishes(string origin, bool isAllowed)
    {
        await using var host = await ApiHost.StartAsync("Development", ("Access:AllowedOrigins:0", "https://app.example.com"));
        using var request = new HttpRequestMessage(HttpMethod.Options, ApiHost.PushPath);
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "content-type,authorization");

        var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(isAllowed, response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("Production", "http://127.0.0.1:0")]
    [InlineData("Development", "http://0.0.0.0:0")]
    [InlineData("Development", "http://[::]:0")]
    public async Task Without_credentials_it_refuses_to_start_and_names_the_setting(string environment, string url)
    {
        await using var host = ApiHost.Create(environment, ("TestUrl", url));

        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => host.App.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("Access:ApiKeys:0", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Access:AllowAnonymous", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anonymous_access_has_to_be_asked_for_and_is_logged()
    {
        await using var host = await ApiHost.StartAsync("Production", ("TestUrl", "http://0.0.0.0:0"), ("Access:AllowAnonymous", "true"));

        Assert.Contains(host.Log.Lines, line => line.Contains("Everybody who reaches this service may publish", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_start_that_is_refused_ends_in_order()
    {
        using var errors = new StringWriter();
        var host = ApiHost.Create("Production", ("TestUrl", "http://127.0.0.1:0"));

        Assert.Equal(1, await ServiceRunner.RunAsync(() => host.App, errors));

        Assert.StartsWith("Cannot start: No credentials are configured", errors.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(host.Log.Lines, line => line.Contains("BackgroundService", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Access:ApiKeys:0", "short", "Access:ApiKeys:0")]
    [InlineData("Access:AllowedOrigins:0", "app.example.com", "Access:AllowedOrigins:0")]
    [InlineData("Pushes:MaxMessageBytes", "1", "Pushes:MaxMessageBytes")]
    [InlineData("Pushes:MaxMessageBytes", "many", "Pushes:MaxMessageBytes")]
    [InlineData("Tokens:SigningKeys:0:Secret", "short", "Tokens:SigningKeys:0:Secret")]
    public async Task A_bad_setting_ends_the_start_with_its_name(string key, string value, string path)
    {
        using var errors = new StringWriter();

        Assert.Equal(1, await ServiceRunner.RunAsync(() => ApiHost.Create("Development", (key, value)).App, errors));

        Assert.StartsWith("Cannot start: ", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains(path, errors.ToString(), StringComparison.Ordinal);
    }
}
