using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Push.ServiceDefaults.Http;

namespace Push.Auth.Access;

/// <summary>Puts <see cref="OpenAccess"/> before everything that a service answers, but for health, which probes ask for by any name.</summary>
internal sealed class OpenAccessFilter(OpenAccess open) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) =>
        {
            var isThroughNetworkGateway = context.Request.Headers.ContainsKey(PushHeaders.NetworkGateway);
            return open.Admits(context.Request.Headers.Host, isThroughNetworkGateway) || (open.IsDecided && IsForProbes(context.Request.Path))
                ? following(context)
                : Refuse(open.IsDecided, open.Refusal(isThroughNetworkGateway)).WriteAsync(context);
        });
        next(app);
    };

    private static bool IsForProbes(PathString path) => path.StartsWithSegments("/health", StringComparison.Ordinal);

    private static Reply Refuse(bool isDecided, string reason) => isDecided
        ? Reply.Error(StatusCodes.Status403Forbidden, reason)
        : Reply.Error(StatusCodes.Status503ServiceUnavailable, reason) with { RetryAfter = "1" };
}
