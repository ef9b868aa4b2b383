using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http.Features;
using Push.ServiceDefaults.Http;

namespace Push.Gateway;

/// <summary>The WebSockets that pass through, from their handshakes on.</summary>
internal sealed class WebSocketTunnels
{
    private static readonly Reply Draining = Reply.Error(StatusCodes.Status503ServiceUnavailable, "The gateway is stopping");

    private readonly ConcurrentDictionary<WebSocketTunnel, bool> _tunnels = new();
    private volatile bool _isDraining;

    public int Count => _tunnels.Count;

    public IEnumerable<WebSocketTunnel> Tunnels => _tunnels.Keys;

    /// <summary>No handshake begins from here on.</summary>
    public void BeginDrain() => _isDraining = true;

    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        using var tunnel = new WebSocketTunnel(context);

        // Noted first, looked at second: the drain looks the other way round.
        _tunnels.TryAdd(tunnel, true);
        try
        {
            if (_isDraining)
            {
                context.Response.Headers.Connection = "close";
                await Draining.WriteAsync(context);
                return;
            }

            HalfClose.Allow(context);
            context.Features.Set<IHttpUpgradeFeature>(tunnel);
            context.Features.Set<IHttpExtendedConnectFeature>(tunnel);
            await next(context);
        }
        finally
        {
            _tunnels.TryRemove(tunnel, out _);
        }
    }
}

internal static class WebSocketTunnelExtensions
{
    /// <summary>Comes before whatever forwards.</summary>
    public static void UseWebSocketTunnels(this WebApplication app)
    {
        var tunnels = app.Services.GetRequiredService<WebSocketTunnels>();
        app.Use((context, next) => UpgradeMethods.IsUpgrade(context) ? tunnels.PassAsync(context, next) : next(context));
    }
}
