using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Push.Contracts;
using Push.Messaging.ControlBus;

namespace Push.IntegrationTests.Messaging;

/// <summary>A service that consumes control events on a queue of its own.</summary>
internal static class ControlHost
{
    public static async Task<BusHost> StartAsync(Uri broker, string edgeId, Action<IHostApplicationBuilder>? configure = null)
    {
        var host = await BusHost.StartAsync(broker, builder =>
        {
            builder.AddControlHandler<ConnectionExpired, ReceivedEvents>(_ => BusNames.EdgeQueue(edgeId), concurrency: 1);
            configure?.Invoke(builder);
        });
        await host.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, TimeSpan.FromSeconds(60));
        return host;
    }

    public static ReceivedEvents Events(BusHost host) => (ReceivedEvents)host.Services.GetRequiredService<IControlHandler<ConnectionExpired>>();

    public static Task PublishAsync(BusHost host, string connectionId) =>
        host.Services.GetRequiredService<IControlBus>().PublishAsync(
            [new ConnectionExpired { EdgeId = "any", ConnectionId = connectionId, TokenId = "t" }], CancellationToken.None);
}
