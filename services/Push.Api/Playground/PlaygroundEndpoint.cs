using Push.Api.Http;

namespace Push.Api.Playground;

/// <summary>The page at <c>/</c> on which a newcomer connects, pushes and sees what arrives. One file, no external resources.</summary>
internal static class PlaygroundEndpoint
{
    // The page may talk to any WebSocket address that its user types in, and to nothing else than itself otherwise.
    private const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapPlayground(this WebApplication app)
    {
        var page = EmbeddedFile.Read("Playground.index.html");
        app.MapGet("/", context =>
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            context.Response.ContentLength = page.Length;
            context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
            context.Response.Headers.CacheControl = "no-cache";
            return context.Response.Body.WriteAsync(page, context.RequestAborted).AsTask();
        });
    }
}
