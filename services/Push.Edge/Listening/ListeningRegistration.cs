using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Push.Edge.Lifecycle;

namespace Push.Edge.Listening;

/// <summary>Registers the ways in to <c>/ws</c>, and the way out.</summary>
internal static class ListeningRegistration
{
    /// <summary>Between the drain's deadline and the host's: for what stops after the drain.</summary>
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(20);

    public static IServiceCollection AddListening(this IServiceCollection services)
    {
        services.AddSingleton<HandshakePolicy>();
        services.AddSingleton<HandshakeAdmission>();
        services.AddSingleton<SocketHandshake>();
        services.AddSingleton<IConnectionListenerFactory, HandshakeListenerFactory>();
        services.AddSingleton<HandshakeMiddleware>();
        services.AddSingleton<HandshakeEndpoint>();
        services.AddSingleton<ConnectionReader>();
        services.AddSingleton<HandshakeDeadlines>();
        services.AddSingleton<PeerPings>();
        services.AddHostedService<ConnectionClock>();
        services.AddHostedService<ConnectionDrain>();

        // Kestrel goes on with what the middleware hands back: the same bounds.
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<EdgeOptions>>((kestrel, edge) =>
        {
            kestrel.Limits.RequestHeadersTimeout = edge.Value.HandshakeTimeout;
            kestrel.Limits.MaxRequestHeadersTotalSize = edge.Value.MaxRequestHeadBytes;
            kestrel.Limits.MaxRequestLineSize = Math.Min(kestrel.Limits.MaxRequestLineSize, edge.Value.MaxRequestHeadBytes);
        });
        services.AddOptions<HostOptions>().PostConfigure<IOptions<EdgeOptions>>((host, edge) =>
        {
            var needed = edge.Value.DrainTimeout + StopMargin;
            host.ShutdownTimeout = host.ShutdownTimeout < needed ? needed : host.ShutdownTimeout;
        });
        return services;
    }

    /// <summary>Every method: what is no handshake gets the answer of the contract.</summary>
    public static void MapHandshakes(this IEndpointRouteBuilder endpoints)
    {
        var endpoint = endpoints.ServiceProvider.GetRequiredService<HandshakeEndpoint>();
        endpoints.Map("/ws", (RequestDelegate)endpoint.HandleAsync).ExcludeFromDescription();
    }
}
