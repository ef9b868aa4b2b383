using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Push.ServiceDefaults.Http;

namespace Push.Gateway;

/// <summary>
/// What an upgrade may look like: a GET of HTTP/1.1 (RFC 6455, section 4.1) or an extended CONNECT of HTTP/2 (RFC 8441). The proxy asks the service by GET whatever the
/// client's method was, so others are refused here.
/// </summary>
internal static class UpgradeMethods
{
    private static readonly Reply WrongMethod = Reply.Error(StatusCodes.Status405MethodNotAllowed, "An upgrade is asked for by GET");
    private static readonly Reply WrongVersion = Reply.Error(StatusCodes.Status400BadRequest, "An upgrade needs HTTP/1.1 or HTTP/2");

    public static bool IsUpgrade(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } || IsExtendedConnect(context);

    public static void UseUpgradeMethods(this WebApplication app) => app.Use((context, next) =>
    {
        if (!context.Request.Headers.ContainsKey(HeaderNames.Upgrade) || IsExtendedConnect(context))
        {
            return next(context);
        }

        if (HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            return WrongVersion.WriteAsync(context);
        }

        if (HttpMethods.IsGet(context.Request.Method))
        {
            return next(context);
        }

        context.Response.Headers.Allow = HttpMethods.Get;
        return WrongMethod.WriteAsync(context);
    });

    private static bool IsExtendedConnect(HttpContext context) => context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };
}
