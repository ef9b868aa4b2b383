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

    private static readonly ListenerMark Mark = new();

    public static void AddWebSocketPort(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration[$"{Section}:{nameof(ListenSettings.Url)}"]))
        {
            return;
        }

        builder.ListenOn(DefaultPort, Mark.Put, Section);
    }

    public static void UseWebSocketPort(this WebApplication app) => app.Use((context, next) =>
        !Mark.IsOn(context) || context.Request.Path == "/ws" || context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
            ? next(context)
            : Reply.NotFound.WriteAsync(context));
}
