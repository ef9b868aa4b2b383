using Microsoft.AspNetCore.Server.Kestrel.Core;
using Push.Auth.Access;
using Push.Auth.Tokens;
using Push.Edge.Fanout;
using Push.Edge.Ingest;
using Push.Edge.Lifecycle;
using Push.Edge.Listening;
using Push.Edge.Liveness;
using Push.ServiceDefaults.Configuration;

namespace Push.Edge;

/// <summary>The Edge: holds WebSockets, joins rooms, fans out.</summary>
public static class EdgeModule
{
    public const int DefaultPort = 8081;

    public static WebApplicationBuilder AddPushEdge(this WebApplicationBuilder builder)
    {
        builder.AddValidatedOptions<EdgeOptions>(EdgeOptions.Section);
        builder.AddTokens();
        builder.AddAccess();
        builder.Services.AddSingleton<EdgeReadiness>();
        builder.AddFanout();
        builder.AddIngest();
        builder.AddLiveness();
        builder.Services.AddListening();
        builder.Services.AddLifecycle();
        return builder;
    }

    public static WebApplication MapPushEdge(this WebApplication app)
    {
        app.MapHandshakes();
        return app;
    }

    /// <summary>Serves WebSockets of <c>/ws</c> below HTTP where they come over TLS. Without it they work as well, at a multiple of the memory.</summary>
    public static void ServeWebSockets(this ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1;
        var middleware = listen.ApplicationServices.GetRequiredService<HandshakeMiddleware>();
        listen.Use(next => context => middleware.OnConnectionAsync(context, next));
    }
}
