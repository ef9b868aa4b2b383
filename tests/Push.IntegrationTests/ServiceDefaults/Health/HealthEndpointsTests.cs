using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Health;
using Push.TestKit;
using Xunit;

namespace Push.IntegrationTests.ServiceDefaults.Health;

public sealed class HealthEndpointsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("/health", 200, """{"status":"healthy"}""")]
    [InlineData("/health/live", 200, """{"status":"healthy"}""")]
    [InlineData("/health/ready", 503, """{"status":"unhealthy","reasons":["broker"]}""")]
    public async Task Only_readiness_depends_on_checks_and_says_which_fail(string path, int status, string body)
    {
        await using var app = await StartAsync(checks => checks
            .AddCheck("broker", () => HealthCheckResult.Unhealthy("a reason that is nobody's business"), [HealthRegistration.ReadyTag])
            .AddCheck("store", () => HealthCheckResult.Healthy(), [HealthRegistration.ReadyTag])
            .AddCheck("untagged", () => HealthCheckResult.Unhealthy()));

        await AssertAsync(app, path, status, body);
    }

    [Fact]
    public async Task A_service_that_stops_is_not_ready_while_it_still_answers()
    {
        await using var app = await StartAsync(_ => { });
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Lifetime.ApplicationStopping.Register(() => asked.Task.Wait(Limit, CancellationToken.None));
        await AssertAsync(app, "/health/ready", 200, """{"status":"healthy"}""");

        var stop = Task.Run(() => app.StopAsync(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        await WaitForAsync(app.Lifetime.ApplicationStopping);
        await AssertAsync(app, "/health/ready", 503, """{"status":"unhealthy","reasons":["stopping"]}""");
        await AssertAsync(app, "/health", 200, """{"status":"healthy"}""");
        asked.SetResult();
        await stop;
    }

    private static async Task WaitForAsync(CancellationToken token)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = token.Register(cancelled.SetResult);
        await cancelled.Task.WithinAsync(Limit, "the service begins to stop");
    }

    private static async Task<WebApplication> StartAsync(Action<IHealthChecksBuilder> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddServiceDefaults("health-test");
        configure(builder.Services.AddHealthChecks());
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapHealth();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static async Task AssertAsync(WebApplication app, string path, int status, string body)
    {
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(
            (status, body, "application/json"),
            ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response.Content.Headers.ContentType?.MediaType));
    }
}
