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
/// endpoint or its exporter variable (<c>OTEL_TRACES_EXPORTER=otlp</c>) is set. Nothing is registered for the others, so they cost nothing.
/// </summary>
internal static class TelemetryRegistration
{
    public static void AddTelemetry(this IHostApplicationBuilder builder, string serviceName)
    {
        var traces = IsExported(builder.Configuration, "TRACES");
        var metrics = IsExported(builder.Configuration, "METRICS");
        var logs = IsExported(builder.Configuration, "LOGS");
        if (!traces && !metrics && !logs)
        {
            return;
        }

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(builder.Configuration["OTEL_SERVICE_NAME"] ?? serviceName, serviceInstanceId: Environment.MachineName));
        if (traces)
        {
            telemetry.WithTracing(tracing => tracing
                .AddSource("Push.*", "MassTransit", "RabbitMQ.Client.*")
                .AddAspNetCoreInstrumentation(http => http.Filter = context => !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal))
                .AddProcessor<UrlQueryRemover>()
                .AddOtlpExporter());
        }

        if (metrics)
        {
            telemetry.WithMetrics(metering => metering
                .AddMeter("Push.*", "MassTransit")
                .AddAspNetCoreInstrumentation()
                .AddRuntimeInstrumentation()
                .AddOtlpExporter());
        }

        if (logs)
        {
            telemetry.WithLogging(logging => logging.AddOtlpExporter());
        }
    }

    internal static bool IsExported(IConfiguration configuration, string signal) =>
        !string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase)
        && configuration[$"OTEL_{signal}_EXPORTER"] switch
        {
            null or "" => !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])
                || !string.IsNullOrEmpty(configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"]),
            var exporter => exporter == "otlp",
        };
}
