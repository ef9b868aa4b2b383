using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Push.ServiceDefaults.Telemetry;

public static class MetricsEndpoint
{
    internal const string Path = "/metrics";

    /// <summary>Serves <c>/metrics</c> for Prometheus where <c>OTEL_METRICS_EXPORTER</c> names <c>prometheus</c>.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder endpoints)
    {
        if (TelemetryRegistration.IsScraped(endpoints.ServiceProvider.GetRequiredService<IConfiguration>()))
        {
            endpoints.MapPrometheusScrapingEndpoint(Path);
        }
    }
}
