using System.Diagnostics;
using Yarp.ReverseProxy.Transforms;

namespace Push.Gateway;

/// <summary>
/// Makes the gateway's span the parent of the service's. The client that forwards, left to propagate traces itself, would name a span of its own instead, which nobody exports,
/// and tear the trace; without telemetry here, the publisher's <c>traceparent</c> passes as it is.
/// </summary>
internal static class TracePropagation
{
    private const string TraceParent = "traceparent";

    public static IReverseProxyBuilder AddTracePropagation(this IReverseProxyBuilder proxy) =>
        proxy.AddTransforms(transforms => transforms.AddRequestTransform(SetParent));

    private static ValueTask SetParent(RequestTransformContext context)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } activity && activity.Source.HasListeners())
        {
            context.ProxyRequest.Headers.Remove(TraceParent);
            context.ProxyRequest.Headers.TryAddWithoutValidation(TraceParent, id);
        }

        return ValueTask.CompletedTask;
    }
}
