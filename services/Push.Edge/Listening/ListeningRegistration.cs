using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Push.Edge.Connections;
using Push.Edge.Transports.Sockets;

namespace Push.Edge.Listening;

/// <summary>Registers the ways in to <c>/ws</c>.</summary>
internal static class ListeningRegistration
{
    public static IServiceCollection AddListening(this IServiceCollection services)
    {
        services.AddSingleton<HandshakePolicy>();
        services.AddSingleton<IConnectionListenerFactory, LoopListenerFactory>();
        services.AddSingleton<PipeServer>();
        services.AddSingleton<HandshakeMiddleware>();
        services.AddSingleton<HandshakeEndpoint>();

        // Kestrel goes on with what the middleware hands back: the same bounds.
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<EdgeOptions>, SocketLimit>((kestrel, edge, sockets) =>
        {
            kestrel.Limits.RequestHeadersTimeout = edge.Value.HandshakeTimeout;
            kestrel.Limits.MaxRequestHeadersTotalSize = edge.Value.MaxRequestHeadBytes;
            kestrel.Limits.MaxRequestLineSize = Math.Min(kestrel.Limits.MaxRequestLineSize, edge.Value.MaxRequestHeadBytes);

            // Where the loops accept they count. Otherwise Kestrel does.
            kestrel.Limits.MaxConcurrentConnections = edge.Value.UsesSockets || sockets.Max == int.MaxValue ? null : sockets.Max;
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
