using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Push.Api;
using Push.Edge;
using Push.Edge.Fanout;
using Push.Messaging;
using Push.ServiceDefaults;
using Push.ServiceDefaults.Health;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;

namespace Push.LoadTest.EdgeOnly;

/// <summary>An Edge without a broker: publications come over a socket straight to its fan-out, as they do in the figures of other servers. The Api is there for tokens.</summary>
internal static class EdgeOnlyHost
{
    public const string Verb = "edge-only";

    public static Task<int> RunAsync(int publicationPort) => ServiceRunner.RunAsync(() => Build(publicationPort));

    private static WebApplication Build(int publicationPort)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddServiceDefaults("push-edge-only");
        builder.AddMessaging(inMemoryWithoutBroker: true);
        builder.AddPushApi();
        builder.AddPushEdge();
        builder.Services.AddHostedService(services => new PublicationListener(publicationPort, services.GetRequiredService<RoomFanout>()));
        builder.ListenOn(EdgeModule.DefaultPort, listen => listen.ServeWebSockets());

        var app = builder.Build();
        app.MapHealth();
        app.MapPushApi();
        app.MapPushEdge();
        return app;
    }
}
