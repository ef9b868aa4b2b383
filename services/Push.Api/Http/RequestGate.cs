using System.Diagnostics.CodeAnalysis;
using Push.Auth.Access;
using Push.ServiceDefaults.Http;

namespace Push.Api.Http;

/// <summary>Turns requests away that come from a foreign web page or lack credentials.</summary>
internal sealed class RequestGate(AccessPolicy access, OriginRule origins)
{
    private static readonly Reply ForeignOrigin = Reply.Error(
        StatusCodes.Status403Forbidden, "This origin is not allowed: add it to Access:AllowedOrigins");

    private static readonly Reply NoCredentials = Reply.Error(
        StatusCodes.Status401Unauthorized, "Missing or wrong API key: send it as Authorization: Bearer <key>") with
    { Challenge = "Bearer" };

    /// <summary>For what a client's page does: get a token, send a heartbeat.</summary>
    public bool TurnsAwayClient(HttpContext context, [NotNullWhen(true)] out Reply? refusal)
    {
        refusal = origins.AllowsClient(context.Request.Headers.Origin, context.Request.Headers.Host) ? null : ForeignOrigin;
        return refusal is not null;
    }

    /// <summary>For the mint: a token that says who is logged in is worth as much as the credential behind it.</summary>
    public bool TurnsAwayMint(HttpContext context, bool isLogin, [NotNullWhen(true)] out Reply? refusal)
    {
        refusal = (!isLogin && access.AllowsAnonymousTokens) || access.Accepts(context.Request.Headers.Authorization) ? null : NoCredentials;
        return refusal is not null;
    }

    /// <summary>For what back ends do: publish, ask who is there.</summary>
    public bool TurnsAwayBackEnd(HttpContext context, [NotNullWhen(true)] out Reply? refusal)
    {
        refusal = !origins.AllowsPublisher(context.Request.Headers.Origin, context.Request.Headers.Host) ? ForeignOrigin
            : !access.Accepts(context.Request.Headers.Authorization) ? NoCredentials
            : null;
        return refusal is not null;
    }
}
