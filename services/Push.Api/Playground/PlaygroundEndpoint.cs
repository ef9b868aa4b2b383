namespace Push.Api.Playground;

/// <summary>The page at <c>/</c> on which a newcomer connects, pushes and sees what arrives. One file, no external resources.</summary>
internal static class PlaygroundEndpoint
{
    private const string Resource = "Push.Api.Playground.index.html";

    // The page may talk to any WebSocket address that its user types in, and to nothing else than itself otherwise.
    private const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static IEndpointRouteBuilder MapPlayground(this IEndpointRouteBuilder endpoints)
    {
        var page = Read();
        endpoints.MapGet("/", (HttpContext context) =>
            {
                context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
                context.Response.Headers.CacheControl = "no-cache";
                return TypedResults.Bytes(page, "text/html; charset=utf-8");
            })
            .ExcludeFromDescription();
        return endpoints;
    }

    private static byte[] Read()
    {
        using var stream = typeof(PlaygroundEndpoint).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The assembly does not hold the resource {Resource}.");
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        return buffer.ToArray();
    }
}
