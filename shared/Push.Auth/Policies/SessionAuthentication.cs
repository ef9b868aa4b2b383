using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Push.Auth.Tokens;

namespace Push.Auth.Policies;

/// <summary>Authenticates a client by the token of its session, in the query's <c>token</c>.</summary>
internal sealed class SessionAuthentication(
    TokenReader tokens, IOptionsMonitor<AuthenticationSchemeOptions> options, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, NullLoggerFactory.Instance, encoder) // it would log each request without a credential
{
    public const string SchemeName = "Session";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!tokens.TryRead(Request.Query["token"].ToString(), out var session))
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        var identity = new ClaimsIdentity([new Claim(JwtRegisteredClaimNames.Jti, session.TokenId)], SchemeName);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => AccessReplies.NoSession.WriteAsync(Context);
}

public static class SessionPrincipal
{
    /// <summary>The id of the token that a request of <see cref="AccessPolicies.Session"/> was authenticated with.</summary>
    public static string TokenId(this ClaimsPrincipal session) =>
        session.FindFirstValue(JwtRegisteredClaimNames.Jti) ?? throw new InvalidOperationException("The endpoint does not require a session.");
}
