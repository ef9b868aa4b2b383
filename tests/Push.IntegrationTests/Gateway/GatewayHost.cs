using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;
using Push.Gateway;
using Push.IntegrationTests.ServiceDefaults;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Health;
using Push.ServiceDefaults.Hosting;
using Push.TestKit.Capture;
using Xunit;

namespace Push.IntegrationTests.Gateway;

/// <summary>The gateway on real Kestrel, with its own appsettings.json, in front of given destinations.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private GatewayHost(WebApplication app, CapturedLog log, CapturedSpans spans)
    {
        App = app;
        Log = log;
        Spans = spans;
    }

    public WebApplication App { get; }

    public CapturedLog Log { get; }

    public CapturedSpans Spans { get; }

    /// <summary>The gateway's own port: the last one that is added.</summary>
    public Uri Address => new(App.Urls.Last());

    /// <summary>The port for <c>/ws</c> alone, where a setting asks for it.</summary>
    public Uri EdgeAddress => new(App.Urls.SkipLast(1).Single());

    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromSeconds(20) };

    public static async Task<GatewayHost> StartAsync(string apiUrl, string edgeUrl, params (string Key, string? Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ReverseProxy:Clusters:api:Destinations:api:Address"] = apiUrl,
            ["ReverseProxy:Clusters:edge:Destinations:edge:Address"] = edgeUrl,
            ["ReverseProxy:Clusters:edge:HealthCheck:Active:Interval"] = "00:00:00.1",
            ["Listen:Url"] = "http://127.0.0.1:0",
            ["Logging:LogLevel:Default"] = "Trace",
            ["Logging:LogLevel:Yarp"] = "Trace",
            ["Logging:Captured:LogLevel:Default"] = "Trace",
            ["Logging:Captured:LogLevel:Yarp.ReverseProxy.Forwarder.HttpForwarder"] = "Trace",
            ["OTEL_TRACES_EXPORTER"] = "otlp",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1",
            ["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION"] = "true",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));

        var (log, spans) = (new CapturedLog(), new CapturedSpans());
        builder.Logging.ClearProviders().AddProvider(log);
        builder.AddServiceDefaults("gateway-test");
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(spans));
        builder.AddPushGateway();
        builder.ListenOn(GatewayModule.DefaultPort);
        var app = builder.Build();
        app.MapHealth();
        app.MapPushGateway();
        await app.StartAsync(TestContext.Current.CancellationToken);

        var host = new GatewayHost(app, log, spans);
        host.Client.BaseAddress = host.Address;
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.DisposeAsync();
    }
}
