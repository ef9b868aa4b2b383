using Microsoft.Extensions.Options;
using Push.ServiceDefaults.Health;

namespace Push.Edge.Lifecycle;

/// <summary>Registers what says whether the Edge is ready, what empties it when it stops, and what its gauges show.</summary>
internal static class LifecycleRegistration
{
    /// <summary>Between the drain's deadline and the host's: for what stops after the drain.</summary>
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(20);

    public static IServiceCollection AddLifecycle(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<EdgeHealthCheck>("edge", tags: [HealthRegistration.ReadyTag]);
        services.AddHostedService<EdgeGauges>();
        services.AddHostedService<ConnectionDrain>();
        services.AddOptions<HostOptions>().PostConfigure<IOptions<EdgeOptions>>((host, edge) =>
        {
            var needed = edge.Value.DrainTimeout + StopMargin;
            host.ShutdownTimeout = host.ShutdownTimeout < needed ? needed : host.ShutdownTimeout;
        });
        return services;
    }
}
