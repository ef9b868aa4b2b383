using System.Net;
using System.Net.Sockets;
using Garnet;
using Garnet.server;

namespace Push.AllInOne;

internal static class EmbeddedStoreRegistration
{
    private const string ConnectionString = "ConnectionStrings:Redis";

    /// <summary>Starts a store in memory on a free loopback port and points <c>ConnectionStrings:Redis</c> at it, unless that is set already. Comes before the modules.</summary>
    public static void AddEmbeddedStore(this WebApplicationBuilder builder)
    {
        if (!string.IsNullOrEmpty(builder.Configuration[ConnectionString]))
        {
            return;
        }

        var endpoint = FreeEndpoint();
        var server = new GarnetServer(new GarnetServerOptions
        {
            EndPoints = [endpoint],
            QuietMode = true,
            DisablePubSub = true,
            LogMemorySize = "128m",
            PageSize = "1m",
            IndexMemorySize = "1m",
            IndexMaxMemorySize = "64m",
        });
        server.Start();
        builder.Configuration[ConnectionString] = endpoint.ToString();

        // Stopped after those that come later, which may still write while they stop.
        builder.Services.AddHostedService(_ => new EmbeddedStore(server));
    }

    // Garnet does not tell which port it got, so it can't be asked to choose one.
    private static IPEndPoint FreeEndpoint()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return (IPEndPoint)probe.LocalEndpoint;
    }
}
