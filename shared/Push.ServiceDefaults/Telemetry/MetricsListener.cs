using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Http;

namespace Push.ServiceDefaults.Telemetry;

/// <summary>
/// Serves <c>/metrics</c> for Prometheus on a listener of its own, and nothing else there: the service's own ports face clients, who have no business with its figures.
/// The listener has no credentials. By default only this machine reaches it; a network policy or a firewall decides who else does where it is opened.
/// </summary>
public sealed class MetricsListener : IStartupFilter
{
    /// <summary>The configuration section: <see cref="ListenSettings"/>, so that it may have TLS.</summary>
    public const string Section = "Metrics";

    internal const string Path = "/metrics";

    // The OpenTelemetry specification's default for a Prometheus exporter.
    private const string DefaultUrl = "http://localhost:9464";

    private static readonly ListenerMark Mark = new();

    internal static void AddTo(IHostApplicationBuilder builder)
    {
        builder.AddListener(Section, DefaultUrl, Mark.Put);
        builder.Services.AddTransient<IStartupFilter, MetricsListener>();
    }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.MapWhen(
            Mark.IsOn,
            static own =>
            {
                own.UseOpenTelemetryPrometheusScrapingEndpoint(static context => context.Request.Path == Path && HttpMethods.IsGet(context.Request.Method));
                own.Run(Reply.NotFound.WriteAsync);
            });
        next(app);
    };
}
