using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Net.Http.Headers;
using Push.Auth.Access;
using Push.ServiceDefaults.Http;

namespace Push.Api.Http;

/// <summary>Lets browsers read answers, and send JSON, exactly where <see cref="OriginRule"/> lets the page in.</summary>
internal sealed class OriginCors(OriginRule origins) : ICorsPolicyProvider
{
    public const string Clients = "clients";
    public const string BackEnds = "back-ends";

    public Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName) => Task.FromResult(policyName switch
    {
        Clients => Policy(origins.Allows(context, PageRole.Client)),
        BackEnds => Policy(origins.Allows(context, PageRole.BackEnd)),
        _ => null,
    });

    private static CorsPolicy Policy(bool isAllowed) => new CorsPolicyBuilder()
        .SetIsOriginAllowed(_ => isAllowed)
        .WithMethods(HttpMethods.Get, HttpMethods.Post)
        .WithHeaders(HeaderNames.ContentType, HeaderNames.Authorization, PushHeaders.IdempotencyKey)
        .WithExposedHeaders(HeaderNames.RetryAfter)
        .SetPreflightMaxAge(TimeSpan.FromMinutes(10))
        .Build();
}
