using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Push.ServiceDefaults.Telemetry;

/// <summary>
/// OpenTelemetry by its standard environment variables: a signal is on where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, the signal's own
/// endpoint or its exporter variable (<c>OTEL_TRACES_EXPORTER=otlp</c>, <c>OTEL_METRICS_EXPORTER=otlp,prometheus</c>) is set. Nothing is
/// registered for the others, so they cost nothing.
/// </summary>
internal static class TelemetryRegistration
{
    public static void AddTelemetry(this IHostApplicationBuilder builder, string serviceName)
    {
        var traces = IsExported(builder.Configuration, "TRACES");
        var metrics = IsExported(builder.Configuration, "METRICS");
        var scraped = IsScraped(builder.Configuration);
        var logs = IsExported(builder.Configuration, "LOGS");
        if (!traces && !metrics && !scraped && !logs)
        {
            return;
        }

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                // Two Edges on one machine must not be taken for one: their counters would be mixed up.
                .AddService(serviceName, serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}")
                .AddEnvironmentVariableDetector());
        if (traces)
        {
            telemetry.WithTracing(tracing => tracing
                .AddSource("Push.*")
                .AddAspNetCoreInstrumentation(http => http.Filter = IsOfInterest)
                .AddProcessor<UrlQueryRemover>()
                .AddOtlpExporter());
        }

        if (metrics || scraped)
        {
            telemetry.WithMetrics(metering => AddMetrics(metering, metrics, scraped));
        }

        if (scraped)
        {
            MetricsListener.AddTo(builder);
        }

        if (logs)
        {
            telemetry.WithLogging(logging => logging.AddOtlpExporter());
        }
    }

    internal static bool IsExported(IConfiguration configuration, string signal) =>
        !IsDisabled(configuration)
        && configuration[$"OTEL_{signal}_EXPORTER"] switch
        {
            null or "" => !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])
                || !string.IsNullOrEmpty(configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"]),
            var exporters => Names(exporters, "otlp"),
        };

    /// <summary>Whether metrics are served for Prometheus.</summary>
    internal static bool IsScraped(IConfiguration configuration) =>
        !IsDisabled(configuration) && Names(configuration["OTEL_METRICS_EXPORTER"] ?? "", "prometheus");

    private static void AddMetrics(MeterProviderBuilder metering, bool exported, bool scraped)
    {
        metering
            .AddMeter("Push.*", "MassTransit")
            .AddAspNetCoreInstrumentation()
            .AddRuntimeInstrumentation()
            .SetExemplarFilter(ExemplarFilterType.TraceBased);
        if (exported)
        {
            metering.AddOtlpExporter();
        }

        if (scraped)
        {
            metering.AddPrometheusExporter();
        }
    }

    // A request for a WebSocket lasts as long as its client stays: the metrics count those.
    private static bool IsOfInterest(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
        && !context.Request.Path.StartsWithSegments(MetricsListener.Path, StringComparison.Ordinal)
        && context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true };

    private static bool IsDisabled(IConfiguration configuration) =>
        string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);

    private static bool Names(string exporters, string exporter) =>
        exporters.Split(',', StringSplitOptions.TrimEntries).Contains(exporter);
}
