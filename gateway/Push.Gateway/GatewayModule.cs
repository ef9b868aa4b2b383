using System.Net;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Push.ServiceDefaults.Configuration;
using Push.ServiceDefaults.Http;
using Yarp.ReverseProxy.ServiceDiscovery;
using Yarp.ReverseProxy.Transforms;

namespace Push.Gateway;

/// <summary>One address in front of the Apis and the Edges. Routes and clusters are YARP's, in section <c>ReverseProxy</c>.</summary>
public static class GatewayModule
{
    public const int DefaultPort = 8080;

    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(5);

    public static WebApplicationBuilder AddPushGateway(this WebApplicationBuilder builder)
    {
        builder.AddValidatedOptions<GatewayOptions>(GatewayOptions.Section);

        // Defaults count for endpoints that come after them.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(listen => listen.UseHalfClose()));
        builder.Services.AddSingleton<WebSocketTunnels>();
        builder.Services.AddHostedService<WebSocketDrain>();
        builder.Services.AddOptions<HostOptions>().PostConfigure<IOptions<GatewayOptions>>((host, gateway) =>
        {
            var needed = gateway.Value.DrainTimeout + StopMargin;
            host.ShutdownTimeout = host.ShutdownTimeout < needed ? needed : host.ShutdownTimeout;
        });
        builder.AddWebSocketPort();
        builder.AddAddressLimit();

        // After the listener's own choice, which makes an exception for a field that the Api reads.
        builder.Services.PostConfigure<KestrelServerOptions>(kestrel =>
        {
            kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
            kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
        });

        // YARP asks for it although no route has an affinity: without this, keys would be written to disk.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddReverseProxy()
            .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
            // Services compare the origin of a page with the host that it called.
            .AddTransforms(transforms => transforms.AddOriginalHost())
            .AddNetworkMark()
            // One call for everything: a second one would take the place of the first.
            .ConfigureHttpClient((_, handler) =>
            {
                handler.ConnectTimeout = Failover.ConnectTimeout;
                handler.ActivityHeadersPropagator = null;

                // Header values are bytes to a proxy. Latin-1, one byte a character in both directions, leaves each as it came.
                handler.RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1;
                handler.ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1;
            })
            .AddTracePropagation()
            .AddFailover();
        builder.Services.AddSingleton<IDestinationResolver>(services =>
            new DestinationResolver(Dns.GetHostAddressesAsync, services.GetRequiredService<TimeProvider>()));
        return builder;
    }

    public static WebApplication MapPushGateway(this WebApplication app)
    {
        app.UseJsonErrors();
        app.UseWebSocketPort();
        app.UseUpgradeMethods();
        app.UseWebSocketTunnels();
        app.UseRateLimiter();
        app.UseBodyLimit();
        app.UseResetClients();
        app.MapReverseProxy(proxy =>
        {
            proxy.UseFailover();
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        });
        return app;
    }
}
