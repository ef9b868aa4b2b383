using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Push.ServiceDefaults.Http;

namespace Push.Gateway;

/// <summary>
/// What an upgrade may look like: a GET of HTTP/1.1 (RFC 6455, section 4.1) or an extended CONNECT of HTTP/2 for a WebSocket (RFC 8441). The proxy asks the service by GET
/// whatever the client's method was, so others are refused here. Methods are compared with their case (RFC 9110, section 9.1).
/// </summary>
internal static class UpgradeMethods
{
    private static readonly Reply WrongMethod = Reply.Error(StatusCodes.Status405MethodNotAllowed, "An upgrade is asked for by GET");
    private static readonly Reply WrongVersion = Reply.Error(StatusCodes.Status400BadRequest, "An upgrade needs HTTP/1.1 or HTTP/2");
    private static readonly Reply WrongProtocol = Reply.Error(StatusCodes.Status400BadRequest, "An extended CONNECT needs the protocol websocket");

    /// <summary>A <c>Connection: Upgrade</c> alone is none: it comes with publishes too, and those must not be repeated.</summary>
    public static bool IsUpgrade(HttpContext context) =>
        (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } && IsGet(context.Request) && context.Request.Headers.ContainsKey(HeaderNames.Upgrade))
        || ExtendedConnect(context) is not null;

    public static void UseUpgradeMethods(this WebApplication app) => app.Use((context, next) =>
    {
        if (ExtendedConnect(context) is { } connect)
        {
            return string.Equals(connect.Protocol, "websocket", StringComparison.OrdinalIgnoreCase) ? next(context) : WrongProtocol.WriteAsync(context);
        }

        if (!context.Request.Headers.ContainsKey(HeaderNames.Upgrade))
        {
            return next(context);
        }

        if (HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            return WrongVersion.WriteAsync(context);
        }

        if (IsGet(context.Request))
        {
            return next(context);
        }

        context.Response.Headers.Allow = HttpMethods.Get;
        return WrongMethod.WriteAsync(context);
    });

    private static bool IsGet(HttpRequest request) => request.Method == HttpMethods.Get;

    private static IHttpExtendedConnectFeature? ExtendedConnect(HttpContext context) =>
        context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect ? connect : null;
}
