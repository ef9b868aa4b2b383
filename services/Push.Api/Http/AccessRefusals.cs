using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Push.Api.Telemetry;
using Push.Auth.Access;
using Push.Auth.Policies;

namespace Push.Api.Http;

/// <summary>Answers a request that <see cref="AccessPolicies"/> turn away: 403 to a foreign page, otherwise the challenge of the policy's scheme. Counts it.</summary>
internal sealed class AccessRefusals(OriginRule origins, ApiMetrics metrics) : IAuthorizationMiddlewareResultHandler
{
    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            return next(context);
        }

        context.GetEndpoint()?.Metadata.GetMetadata<CountedRefusals>()?.Count(metrics);
        return policy.Requirements.OfType<OriginRequirement>().Any(page => !origins.Allows(context, page.Role))
            ? AccessReplies.ForeignOrigin.WriteAsync(context)
            : context.ChallengeAsync(policy.AuthenticationSchemes[0]);
    }
}

/// <summary>Metadata of an endpoint whose refusals are counted.</summary>
internal sealed record CountedRefusals(Action<ApiMetrics> Count);
