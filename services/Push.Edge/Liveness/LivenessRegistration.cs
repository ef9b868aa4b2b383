using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.Edge.Control;
using Push.Messaging.ControlBus;
using Push.Presence;

namespace Push.Edge.Liveness;

/// <summary>Registers what tells the presence store about connections, and what closes the silent ones.</summary>
internal static class LivenessRegistration
{
    /// <summary>Each consumption waits for one answer of the store.</summary>
    private const int ConcurrentLooks = 64;

    public static IHostApplicationBuilder AddLiveness(this IHostApplicationBuilder builder)
    {
        builder.AddPresence();
        builder.AddControlHandler<ConnectionExpired, ConnectionExpiredHandler>(
            services => BusNames.EdgeQueue(services.GetRequiredService<IOptions<EdgeOptions>>().Value.Id), ConcurrentLooks);
        builder.Services.AddSingleton<FallbackSweep>();
        builder.Services.AddSingleton<PresenceWriter>();
        builder.Services.AddHostedService<PresenceWriterService>();
        return builder;
    }
}
