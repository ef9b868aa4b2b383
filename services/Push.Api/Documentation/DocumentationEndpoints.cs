using System.Text;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Push.Api.Http;
using Push.ServiceDefaults.Http;
using Scalar.AspNetCore;

namespace Push.Api.Documentation;

/// <summary><c>/openapi/v1.json</c> and the page <c>/docs</c> to try it.</summary>
internal static class DocumentationEndpoints
{
    // Scalar puts its styles into the page as it runs. It may ask nobody but this server.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapDocumentation(this WebApplication app)
    {
        // Generated once: it does not change while the process runs, and anybody may ask for it.
        var document = new Lazy<Task<Reply>>(() => GenerateAsync(app.Services));
        app.MapGet($"/openapi/{OpenApiDescription.DocumentName}.json", async (HttpContext context) => await (await document.Value).WriteAsync(context)).ExcludeFromDescription();
        app.MapFile("/docs/page.js", "Documentation.page.js");

        // Scalar's script comes from its package. Its page starts it from within, which would need a policy that allows that: ours takes its place.
        var page = Page.Serve("Documentation.index.html", ContentSecurityPolicy);
        app.MapScalarApiReference("/docs").Add(endpoint =>
        {
            if (endpoint is RouteEndpointBuilder { RoutePattern.Parameters: [{ Name: "documentName" }] })
            {
                endpoint.RequestDelegate = context => ServeAsync(context, page);
            }
        });
    }

    private static async Task<Reply> GenerateAsync(IServiceProvider services)
    {
        var document = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>(OpenApiDescription.DocumentName).GetOpenApiDocumentAsync();
        return new Reply(StatusCodes.Status200OK, Encoding.UTF8.GetBytes(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1)));
    }

    /// <summary>The page is <c>/docs/</c>: its files are named relative to that, so that it works behind any path.</summary>
    private static Task ServeAsync(HttpContext context, RequestDelegate page)
    {
        if (context.Request.Path.Value!.EndsWith("/docs/", StringComparison.Ordinal))
        {
            return page(context);
        }

        context.Response.Redirect(context.Request.Path.Value.EndsWith("/docs", StringComparison.Ordinal) ? "docs/" : "./");
        return Task.CompletedTask;
    }
}
