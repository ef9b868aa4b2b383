using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Push.ServiceDefaults.Health;

public static class HealthRegistration
{
    /// <summary>Tag of the health checks that decide whether a service is ready for traffic. Their names are shown to whoever asks.</summary>
    public const string ReadyTag = "ready";

    internal static void AddHealth(this IHostApplicationBuilder builder) =>
        builder.Services.AddHealthChecks().AddCheck<NotStoppingCheck>("stopping", tags: [ReadyTag]);
}
