using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;
using Push.Api;
using Push.IntegrationTests.ServiceDefaults;
using Push.Messaging;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Health;
using Push.TestKit.Capture;
using StackExchange.Redis;
using Xunit;

namespace Push.IntegrationTests.Api;

/// <summary>The Api on real Kestrel, with a captured publisher and without a store.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    public const string PushPath = "/push/new/score/message";

    private const string NobodyListens = "127.0.0.1:1";

    private ApiHost(WebApplication app, CapturedLog log, CapturedSpans spans)
    {
        App = app;
        Log = log;
        Spans = spans;
    }

    public WebApplication App { get; }

    public CapturedLog Log { get; }

    public CapturedSpans Spans { get; }

    public CapturingPublisher Publisher { get; } = new();

    public Uri Address => new(App.Urls.Single());

    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromSeconds(20) };

    public static async Task<ApiHost> StartAsync(string environment, params (string Key, string? Value)[] settings)
    {
        var host = Create(environment, settings);
        await host.App.StartAsync(TestContext.Current.CancellationToken);
        host.Client.BaseAddress = host.Address;
        return host;
    }

    public static ApiHost Create(string environment, params (string Key, string? Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:Redis"] = NobodyListens,
            ["Tokens:SigningKeys:0:Id"] = "test",
            ["Tokens:SigningKeys:0:Secret"] = "a-key-for-tests-of-at-least-32-bytes",
            ["Logging:LogLevel:Default"] = "Trace",
            ["Logging:Captured:LogLevel:Default"] = "Trace",
            ["OTEL_TRACES_EXPORTER"] = "otlp",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1",
            ["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION"] = "true",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));

        var (log, spans) = (new CapturedLog(), new CapturedSpans());
        builder.Logging.ClearProviders().AddProvider(log);
        builder.AddServiceDefaults("api-test");
        builder.AddMessaging(inMemoryWithoutBroker: true);
        builder.AddPushApi();
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(spans));
        builder.Services.AddSingleton<IConnectionMultiplexer>(_ => ConnectionMultiplexer.Connect(AbsentStore()));
        ApiHost? host = null;
        builder.Services.AddSingleton<IPublicationPublisher>(_ => host!.Publisher);
        builder.WebHost.UseUrls(builder.Configuration["TestUrl"] ?? "http://127.0.0.1:0");

        var app = builder.Build();
        app.MapHealth();
        host = new ApiHost(app, log, spans);
        app.MapPushApi();
        return host;
    }

    public Task<HttpResponseMessage> PushAsync(string body, string contentType = "application/json", params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, PushPath) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return SendAsync(request, headers);
    }

    public Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, path), headers);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.DisposeAsync();
    }

    /// <summary>The Api's own options try for six seconds before it starts without a store. These tests have none and start often.</summary>
    private static ConfigurationOptions AbsentStore()
    {
        var options = ConfigurationOptions.Parse(NobodyListens);
        options.AbortOnConnectFail = false;
        options.ConnectRetry = 1;
        options.ConnectTimeout = 100;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        return options;
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, (string Name, string Value)[] headers)
    {
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
