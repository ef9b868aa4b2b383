using Push.Api.Http;
using Push.ServiceDefaults.Http;
using Scalar.AspNetCore;

namespace Push.Api.Documentation;

/// <summary>
/// <c>/openapi/v1.json</c> and the page <c>/docs</c> to try it. The document is written, not generated: it is the contract, and tests
/// hold the code to it.
/// </summary>
internal static class DocumentationEndpoints
{
    public static void MapDocumentation(this WebApplication app)
    {
        var document = new Reply(StatusCodes.Status200OK, EmbeddedFile.Read("Documentation.openapi.json"));
        app.MapGet("/openapi/v1.json", document.WriteAsync);

        // The fonts and the other services would come from the internet.
        app.MapScalarApiReference("/docs", page => page
            .WithTitle("Push API")
            .WithOpenApiRoutePattern("/openapi/v1.json")
            .DisableDefaultFonts()
            .DisableAgent()
            .DisableMcp()
            .DisableTelemetry()
            .HideDeveloperTools()
            .HideClientButton());
    }
}
