using Push.Api.Http;

namespace Push.Api.Playground;

/// <summary>The page at <c>/</c> on which a newcomer connects, pushes and sees what arrives. Three files, no external resources.</summary>
internal static class PlaygroundEndpoint
{
    // The page may talk to any WebSocket address that its user types in, and to nothing else than itself otherwise.
    private const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapPlayground(this WebApplication app)
    {
        app.MapFile("/", "Playground.index.html", ContentSecurityPolicy);
        app.MapFile("/playground/page.css", "Playground.page.css");
        app.MapFile("/playground/page.js", "Playground.page.js");
    }
}
