using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Push.Auth.Policies;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Hosting;
using Push.TestKit.Network;
using Xunit;

namespace Push.IntegrationTests.ServiceDefaults.Telemetry;

public sealed class MetricsListenerTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_are_served_at_their_own_address_alone_and_nothing_else_there()
    {
        await using var app = await StartAsync(("OTEL_METRICS_EXPORTER", "otlp, prometheus"), ("Metrics:Url", "http://127.0.0.1:0"));
        var (metrics, own) = (app.Urls.First(), app.Urls.Last());

        Assert.Contains("target_info", await GetAsync($"{metrics}/metrics", HttpStatusCode.OK), StringComparison.Ordinal);
        Assert.Equal("""{"error":"Not Found"}""", await GetAsync($"{metrics}/", HttpStatusCode.NotFound));
        await GetAsync($"{metrics}/health", HttpStatusCode.NotFound);
        await GetAsync($"{own}/metrics", HttpStatusCode.NotFound);
        await GetAsync($"{own}/health", HttpStatusCode.OK);
        Assert.Equal("hello", await GetAsync($"{own}/", HttpStatusCode.OK));
    }

    [Fact]
    public async Task Without_the_exporter_there_is_no_such_listener()
    {
        await using var app = await StartAsync(("Metrics:Url", "http://127.0.0.1:0"));

        await GetAsync($"{Assert.Single(app.Urls)}/metrics", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_listener_for_metrics_on_the_network_opens_nothing_else_to_it()
    {
        await using var app = await StartAsync(("OTEL_METRICS_EXPORTER", "prometheus"), ("Metrics:Url", $"http://*:{FreePort.Take()}"));

        Assert.Equal("hello", await GetAsync($"{app.Urls.Last()}/", HttpStatusCode.OK));
    }

    [Theory]
    [InlineData("nonsense", "Metrics:Url: ")]
    [InlineData("https://localhost:9464", "Metrics:CertificatePath: ")]
    public async Task A_bad_address_is_named(string url, string start)
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(("OTEL_METRICS_EXPORTER", "prometheus"), ("Metrics:Url", url)));

        Assert.StartsWith(start, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_listeners_of_a_service_on_one_port_are_named()
    {
        var url = $"http://127.0.0.1:{FreePort.Take()}";
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartAsync(("OTEL_METRICS_EXPORTER", "prometheus"), ("Metrics:Url", url), ("Listen:Url", url)));

        Assert.StartsWith("Listen:Url: ", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith("is that of Metrics:Url as well.", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartAsync(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Logging.ClearProviders();
        builder.Configuration["Listen:Url"] = "http://127.0.0.1:0";
        builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1";
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.AddServiceDefaults("metrics-test");
        builder.AddAccessPolicies();
        builder.ListenOn(0);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapGet("/", () => Results.Text("hello"));
        await app.StartAsync(Cancelled);
        return app;
    }

    private static async Task<string> GetAsync(string url, HttpStatusCode status)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(url), Cancelled);
        Assert.Equal(status, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Cancelled);
    }
}
