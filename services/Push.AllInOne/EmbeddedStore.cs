using System.Net;
using System.Net.Sockets;
using Garnet;
using Garnet.server;

namespace Push.AllInOne;

/// <summary>Garnet, a server that speaks Redis's protocol, within this process: in memory, on a free loopback port.</summary>
internal static class EmbeddedStore
{
    private const string ConnectionString = "ConnectionStrings:Redis";

    /// <summary>Starts the store and points <c>ConnectionStrings:Redis</c> at it; null where that is set already.</summary>
    public static IDisposable? StartUnlessConfigured(ConfigurationManager configuration)
    {
        if (!string.IsNullOrEmpty(configuration[ConnectionString]))
        {
            return null;
        }

        var endpoint = FreeEndpoint();
        var server = new GarnetServer(
            new GarnetServerOptions
            {
                EndPoints = [endpoint],
                QuietMode = true,
                DisablePubSub = true,
                LogMemorySize = "128m",
                PageSize = "1m",
                IndexMemorySize = "1m",
                IndexMaxMemorySize = "64m",
            },
            cleanupDir: false);
        server.Start();
        configuration[ConnectionString] = endpoint.ToString();
        return server;
    }

    // Garnet does not tell which port it got, so it can't be asked to choose one.
    private static IPEndPoint FreeEndpoint()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return (IPEndPoint)probe.LocalEndpoint;
    }
}
