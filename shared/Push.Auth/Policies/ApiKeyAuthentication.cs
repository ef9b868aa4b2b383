using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Push.Auth.Access;

namespace Push.Auth.Policies;

/// <summary>Authenticates a back end by one of <see cref="AccessOptions.ApiKeys"/> in <c>Authorization: Bearer</c>.</summary>
internal sealed class ApiKeyAuthentication(
    AccessPolicy access, IOptionsMonitor<AuthenticationSchemeOptions> options, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, NullLoggerFactory.Instance, encoder) // it would log each request without a credential
{
    public const string SchemeName = "ApiKey";

    // A key names nobody: all back ends are one.
    private static readonly AuthenticateResult BackEnd =
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(SchemeName)), SchemeName));

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() =>
        Task.FromResult(access.HasKey(Request.Headers.Authorization) ? BackEnd : AuthenticateResult.NoResult());

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => AccessReplies.NoApiKey.WriteAsync(Context);
}
