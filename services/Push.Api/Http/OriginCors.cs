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

    public Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName)
    {
        var host = context.Request.Headers.Host.ToString();
        return Task.FromResult(policyName switch
        {
            Clients => Policy(origin => origins.AllowsClient(origin, host)),
            BackEnds => Policy(origin => origins.AllowsPublisher(origin, host)),
            _ => null,
        });
    }

    private static CorsPolicy Policy(Func<string, bool> isAllowed) => new CorsPolicyBuilder()
        .SetIsOriginAllowed(isAllowed)
        .WithMethods(HttpMethods.Get, HttpMethods.Post)
        .WithHeaders(HeaderNames.ContentType, HeaderNames.Authorization, PushHeaders.IdempotencyKey)
        .WithExposedHeaders(HeaderNames.RetryAfter)
        .SetPreflightMaxAge(TimeSpan.FromMinutes(10))
        .Build();
}
