using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Http;

namespace Push.Gateway;

/// <summary>
/// A second port for <c>/ws</c> alone, where <c>Listen:Edge:Url</c> is set: clients keep the address of a single Edge (port 8081)
/// and are spread over many.
/// </summary>
internal static class WebSocketPort
{
    private const string Section = "Listen:Edge";
    private const int DefaultPort = 8081;

    private static readonly Reply NotFound = Reply.Error(StatusCodes.Status404NotFound, "Not Found");

    public static void AddWebSocketPort(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration[$"{Section}:{nameof(ListenSettings.Url)}"]))
        {
            return;
        }

        builder.ListenOn(DefaultPort, listen => listen.Use(next => connection =>
        {
            connection.Features.Set(Mark.Instance);
            return next(connection);
        }), Section);
    }

    public static void UseWebSocketPort(this WebApplication app) => app.Use((context, next) =>
        context.Features.Get<Mark>() is null || context.Request.Path == "/ws" || context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
            ? next(context)
            : NotFound.WriteAsync(context));

    /// <summary>A feature of connections to this port: a port number would say less behind a port mapping.</summary>
    private sealed class Mark
    {
        public static Mark Instance { get; } = new();
    }
}
