using Microsoft.Extensions.DependencyInjection.Extensions;
using Push.Edge.Connections;
using Push.Edge.Telemetry;
using Push.Edge.Transports.Sockets;
using Push.Edge.Transports.WebSockets;
using Push.ServiceDefaults.Configuration;

namespace Push.Edge.Fanout;

/// <summary>Registers connections, rooms and fan-out.</summary>
internal static class FanoutRegistration
{
    public static IHostApplicationBuilder AddFanout(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<FanoutOptions>(FanoutOptions.Section);
        builder.AddValidatedOptions<CompressionOptions>(CompressionOptions.Section);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<EdgeMetrics>();
        builder.Services.AddSingleton<DeliveryTelemetry>();
        builder.Services.AddSingleton(services => new SocketLimit(SocketLimit.OfThisProcess()));
        builder.Services.AddSingleton<SubscriberIndex>();
        builder.Services.AddSingleton<PresenceRegistrar>();
        builder.Services.AddSingleton<ConnectionRegistry>();
        builder.Services.AddSingleton<EventLoops>();
        builder.Services.AddHostedService(services => services.GetRequiredService<EventLoops>());
        builder.Services.AddSingleton<FrameDeflater>();
        builder.Services.AddSingleton<RoomFanout>();
        return builder;
    }
}
