namespace Push.Api.Http;

/// <summary>Maps the files of a page that are embedded in the assembly, each at its own path.</summary>
internal static class Page
{
    /// <param name="endpoints">Where.</param>
    /// <param name="pattern">The path.</param>
    /// <param name="name">The file's path in this project, with dots for slashes.</param>
    /// <param name="contentSecurityPolicy">Of a document; files that it loads have none of their own.</param>
    public static void MapFile(this IEndpointRouteBuilder endpoints, string pattern, string name, string? contentSecurityPolicy = null) =>
        endpoints.MapGet(pattern, Serve(name, contentSecurityPolicy));

    public static RequestDelegate Serve(string name, string? contentSecurityPolicy = null)
    {
        var content = EmbeddedFile.Read(name);
        var type = Path.GetExtension(name) switch { ".css" => "text/css; charset=utf-8", ".js" => "text/javascript; charset=utf-8", _ => "text/html; charset=utf-8" };
        return context =>
        {
            var response = context.Response;
            response.ContentType = type;
            response.ContentLength = content.Length;
            response.Headers.CacheControl = "no-cache";
            if (contentSecurityPolicy is not null)
            {
                response.Headers.ContentSecurityPolicy = contentSecurityPolicy;
            }

            return response.Body.WriteAsync(content, context.RequestAborted).AsTask();
        };
    }
}
