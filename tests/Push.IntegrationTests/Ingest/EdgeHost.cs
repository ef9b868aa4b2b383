using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Push.Auth.Tokens;
using Push.Edge;
using Push.Edge.Connections;
using Push.Edge.Fanout;
using Push.Edge.Ingest;
using Push.Edge.Lifecycle;
using Push.Edge.Liveness;
using Push.IntegrationTests.Messaging;
using Push.Messaging;
using Push.ServiceDefaults.Configuration;
using Push.ServiceDefaults.Health;

namespace Push.IntegrationTests.Ingest;

/// <summary>An Edge from the broker to its connections, without listener and presence; it publishes too.</summary>
internal static class EdgeHost
{
    public static async Task<BusHost> StartAsync(Uri? broker, Action<IHostApplicationBuilder>? configure = null)
    {
        var host = await BusHost.StartAsync(broker, builder =>
        {
            builder.AddPublisher();
            builder.AddValidatedOptions<EdgeOptions>(EdgeOptions.Section);
            builder.Services.AddSingleton<EdgeReadiness>();
            builder.Services.AddSingleton<PresenceRegistrar>();
            builder.Services.AddHealthChecks().AddCheck<EdgeHealthCheck>("edge", tags: [HealthRegistration.ReadyTag]);
            builder.AddFanout();
            builder.AddIngest();
            configure?.Invoke(builder);
        });
        await host.UntilReadyAsync();
        return host;
    }

    public static ReceivedTexts Join(this BusHost edge, params string[] rooms)
    {
        var session = new SessionToken("token", "device", null, IsLogin: false, DateTimeOffset.MaxValue);
        var texts = new ReceivedTexts();
        if (!edge.Services.GetRequiredService<ConnectionRegistry>().TryOpen(session, rooms, out var connection))
        {
            throw new InvalidOperationException("The Edge takes no connections.");
        }

        connection.Start(texts, []);
        return texts;
    }
}
