using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Http;
using Yarp.ReverseProxy.Transforms;

namespace Push.Gateway;

/// <summary>
/// Tells the services that this gateway listens on more than loopback. One that is open only because it is a developer's own then refuses:
/// the gateway cannot know which of them are open, and they cannot know who reaches the gateway.
/// </summary>
internal static class NetworkMark
{
    public static IReverseProxyBuilder AddNetworkMark(this IReverseProxyBuilder proxy) => proxy.AddTransforms(transforms =>
    {
        var isOnNetwork = transforms.Services.GetServices<ListenAddress>().Any(listen => !listen.IsLoopback);
        transforms.AddRequestTransform(context =>
        {
            context.ProxyRequest.Headers.Remove(PushHeaders.NetworkGateway);
            if (isOnNetwork)
            {
                context.ProxyRequest.Headers.TryAddWithoutValidation(PushHeaders.NetworkGateway, "true");
            }

            return ValueTask.CompletedTask;
        });
    });
}
