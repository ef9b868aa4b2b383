using Push.Presence;
using Push.ServiceDefaults.Health;
using Push.Sweeper.Telemetry;

namespace Push.Sweeper;

/// <summary>Closes connections that have fallen silent. Messaging comes before it.</summary>
public static class SweeperModule
{
    public const int DefaultPort = 8083;

    public static WebApplicationBuilder AddPushSweeper(this WebApplicationBuilder builder)
    {
        builder.AddPresence();
        builder.Services.AddSingleton<SweeperTelemetry>();
        builder.Services.AddSingleton<HeartbeatSweeper>();
        builder.Services.AddHostedService<SweeperService>();
        builder.Services.AddHealthChecks().AddCheck<StoreCheck>("store", tags: [HealthRegistration.ReadyTag]);
        return builder;
    }
}
