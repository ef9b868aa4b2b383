using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Push.ServiceDefaults.Http;

public static class NoStore
{
    /// <summary>Every answer of these endpoints is of its moment: no cache keeps it.</summary>
    public static TBuilder WithNoStore<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.AddEndpointFilter(static (context, next) =>
        {
            context.HttpContext.Response.Headers.CacheControl = "no-store";
            return next(context);
        });
}
