using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Push.ServiceDefaults.Health;
using Push.ServiceDefaults.Http;
using Push.ServiceDefaults.Logging;
using Push.ServiceDefaults.Telemetry;

namespace Push.ServiceDefaults;

public static class ServiceRegistration
{
    /// <summary>What every service has: readable logs without tokens, health, telemetry where it is asked for, and a clock.</summary>
    /// <param name="builder">The process's one builder; AllInOne calls this once for all its modules.</param>
    /// <param name="serviceName">The <c>service.name</c> of telemetry, unless <c>OTEL_SERVICE_NAME</c> is set.</param>
    public static IHostApplicationBuilder AddServiceDefaults(this IHostApplicationBuilder builder, string serviceName)
    {
        builder.AddLogDefaults();
        builder.Services.AddTransient<IStartupFilter, SecurityHeaders>();
        builder.AddTelemetry(serviceName);
        builder.AddHealth();
        builder.Services.TryAddSingleton(TimeProvider.System);
        return builder;
    }

    /// <summary>Maps what every service answers on its own port.</summary>
    public static void MapServiceDefaults(this IEndpointRouteBuilder endpoints) => endpoints.MapHealth();
}
