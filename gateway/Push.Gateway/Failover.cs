using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Transforms;

namespace Push.Gateway;

/// <summary>Sends a request to another destination where the first one is gone or does not take it: instances come and go, clients need not notice.</summary>
internal static class Failover
{
    /// <summary>Long enough for a lost SYN to be sent again, which happens after a second.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    public static IReverseProxyBuilder AddFailover(this IReverseProxyBuilder proxy)
    {
        proxy.Services.AddSingleton<IPassiveHealthCheckPolicy, UnreachablePolicy>();
        return proxy.AddTransforms(transforms => transforms.AddResponseTransform(TakeRefusalsElsewhere));
    }

    /// <summary>Comes before whatever chooses a destination.</summary>
    public static void UseFailover(this IApplicationBuilder proxy) => proxy.Use(async (context, next) =>
    {
        var attempts = new ForwardAttempts(context.GetReverseProxyFeature());
        context.Features.Set(attempts);
        await next(context);
        while (attempts.TryMoveOn(context))
        {
            context.Response.Clear();
            context.Features.Set<IForwarderErrorFeature>(null);
            await next(context);
        }
    });

    /// <summary>An Edge that drains, is full or not ready answers a handshake with 503: others may have room.</summary>
    private static ValueTask TakeRefusalsElsewhere(ResponseTransformContext transform)
    {
        var context = transform.HttpContext;
        if (transform.ProxyResponse?.StatusCode == HttpStatusCode.ServiceUnavailable
            && UpgradeMethods.IsUpgrade(context)
            && context.Features.GetRequiredFeature<ForwardAttempts>().TryRefuse())
        {
            transform.SuppressResponseBody = true;
        }

        return ValueTask.CompletedTask;
    }
}
