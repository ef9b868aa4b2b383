using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Push.Auth.Tokens;
using Push.Edge;
using Push.Edge.Connections;
using Push.Edge.Fanout;
using Push.Edge.Ingest;
using Push.Edge.Lifecycle;
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
            builder.Services.AddHealthChecks().AddCheck<EdgeHealthCheck>("edge", tags: [HealthRegistration.ReadyTag]);
            builder.AddFanout();
            builder.AddIngest();
            configure?.Invoke(builder);
        });
        await host.UntilReadyAsync();
        return host;
    }

    public static async Task<ReceivedTexts> JoinAsync(this BusHost edge, params string[] rooms)
    {
        var session = new SessionToken("token", "device", null, IsLogin: false, DateTimeOffset.MaxValue);
        var texts = new ReceivedTexts();
        var opened = await edge.Services.GetRequiredService<EventLoops>().OpenAsync(HandshakeDecision.Accept(session, rooms, extensions: null), texts, default);
        texts.Connection = opened;
        return opened is null ? throw new InvalidOperationException("The Edge takes no connections.") : texts;
    }
}
