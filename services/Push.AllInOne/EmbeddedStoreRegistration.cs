using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Garnet;
using Garnet.server;
using Garnet.server.Auth.Settings;

namespace Push.AllInOne;

internal static class EmbeddedStoreRegistration
{
    private const string ConnectionString = "ConnectionStrings:Redis";

    /// <summary>Starts a store in memory on a free loopback port, with a password of its own, and points <c>ConnectionStrings:Redis</c> at it, unless that is set already. Comes before the modules.</summary>
    public static void AddEmbeddedStore(this WebApplicationBuilder builder)
    {
        if (!string.IsNullOrEmpty(builder.Configuration[ConnectionString]))
        {
            return;
        }

        // Any user of this machine reaches a loopback port, and so does any web page in a browser on it.
        var password = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var endpoint = FreeEndpoint();
        var server = new GarnetServer(new GarnetServerOptions
        {
            EndPoints = [endpoint],
            AuthSettings = new PasswordAuthenticationSettings(password),
            QuietMode = true,
            DisablePubSub = true,
            LogMemorySize = "128m",
            PageSize = "1m",
            IndexMemorySize = "1m",
            IndexMaxMemorySize = "64m",
        });
        server.Start();
        builder.Configuration[ConnectionString] = $"{endpoint},password={password}";

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
