using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Push.Auth.Access;

namespace Push.Auth.Policies;

/// <summary>
/// The policies of the HTTP API's endpoints. Each looks at the page that a request comes from (<see cref="OriginRule"/>), and most of them at a credential.
/// </summary>
public static class AccessPolicies
{
    /// <summary>What back ends do: publish, and ask who is connected. Needs an API key where access is not open.</summary>
    public const string BackEnd = "back-end";

    /// <summary>Getting a token. Needs an API key, unless access is open or the session is not logged in and <see cref="AccessOptions.AllowAnonymousTokens"/> is set.</summary>
    public const string Mint = "mint";

    /// <summary>What a client does with its token.</summary>
    public const string Session = "session";

    /// <summary>The mint's query parameter that says whether the user has logged in.</summary>
    public const string IsLoginParameter = "isLogin";

    internal static void Add(AuthorizationOptions options)
    {
        options.AddPolicy(BackEnd, policy => policy
            .AddAuthenticationSchemes(ApiKeyAuthentication.SchemeName)
            .AddRequirements(new OriginRequirement(PageRole.BackEnd), new ApiKeyRequirement()));
        options.AddPolicy(Mint, policy => policy
            .AddAuthenticationSchemes(ApiKeyAuthentication.SchemeName)
            .AddRequirements(new OriginRequirement(PageRole.Client), new MintRequirement()));
        options.AddPolicy(Session, policy => policy
            .AddAuthenticationSchemes(SessionAuthentication.SchemeName)
            .AddRequirements(new OriginRequirement(PageRole.Client))
            .RequireAuthenticatedUser());
    }

    /// <summary>Whether a request to the mint asks for the token of a user who has logged in.</summary>
    public static bool IsLogin(HttpRequest request) => string.Equals(request.Query[IsLoginParameter], "true", StringComparison.OrdinalIgnoreCase);
}

/// <summary>The page that sends a request, where a page sends it, may do so.</summary>
public sealed record OriginRequirement(PageRole Role) : IAuthorizationRequirement;

/// <summary>The request has an API key, or access is open.</summary>
internal sealed record ApiKeyRequirement : IAuthorizationRequirement;

/// <summary>A token that says who is logged in is worth as much as the credential behind it.</summary>
internal sealed record MintRequirement : IAuthorizationRequirement;

/// <summary>Decides on the requirements above, for requests of ASP.NET Core's.</summary>
internal sealed class AccessAuthorization(AccessPolicy access, OriginRule origins) : IAuthorizationHandler
{
    public Task HandleAsync(AuthorizationHandlerContext context)
    {
        var request = (HttpContext)context.Resource!;
        var isBackEnd = access.IsAnonymous || context.User.Identity?.AuthenticationType == ApiKeyAuthentication.SchemeName;
        foreach (var requirement in context.Requirements)
        {
            var isMet = requirement switch
            {
                OriginRequirement { Role: var role } => origins.Allows(request, role),
                ApiKeyRequirement => isBackEnd,
                MintRequirement => isBackEnd || (access.AllowsAnonymousTokens && !AccessPolicies.IsLogin(request.Request)),
                _ => false,
            };
            if (isMet)
            {
                context.Succeed(requirement);
            }
        }

        return Task.CompletedTask;
    }
}
