using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Push.Auth.Access;
using Push.Auth.Tokens;

namespace Push.Auth.Policies;

public static class PolicyRegistration
{
    /// <summary>
    /// Adds <see cref="AccessPolicies"/> for endpoints. Refuses to start where everybody could publish although nobody said so; says it loudly where somebody did.
    /// </summary>
    public static IHostApplicationBuilder AddAccessPolicies(this IHostApplicationBuilder builder)
    {
        builder.AddAccess();
        builder.AddTokens();
        builder.Services.TryAddSingleton<CredentialsNeeded>();
        builder.Services.AddAuthentication()
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null)
            .AddScheme<AuthenticationSchemeOptions, SessionAuthentication>(SessionAuthentication.SchemeName, null);
        builder.Services.AddAuthorization(AccessPolicies.Add);
        builder.Services.AddSingleton<IAuthorizationHandler, AccessAuthorization>();
        return builder;
    }
}
