using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;
using Push.Api.Documentation;
using Push.Api.Heartbeats;
using Push.Api.Http;
using Push.Api.Playground;
using Push.Api.Presence;
using Push.Api.Publications;
using Push.Api.Telemetry;
using Push.Api.Tokens;
using Push.Presence;
using Push.Auth.Access;
using Push.Messaging;
using Push.ServiceDefaults.Configuration;
using Push.ServiceDefaults.Http;
using Push.Auth.Tokens;

namespace Push.Api;

/// <summary>The HTTP API: tokens, heartbeats, publications. Messaging comes before it.</summary>
public static class ApiModule
{
    public const int DefaultPort = 8082;

    public static WebApplicationBuilder AddPushApi(this WebApplicationBuilder builder)
    {
        builder.AddCredentials();
        builder.AddTokens();
        builder.AddPresence();
        builder.AddPublisher();
        builder.AddValidatedOptions<PlaygroundOptions>(PlaygroundOptions.Section);
        builder.Services.AddSingleton<ApiMetrics>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ApiMetrics>());
        builder.Services.AddCors();
        builder.Services.AddSingleton<ICorsPolicyProvider, OriginCors>();
        builder.Services.AddSingleton<RequestGate>();
        builder.Services.AddSingleton<TokenEndpoint>();
        builder.Services.AddSingleton<HeartbeatEndpoint>();
        builder.Services.AddSingleton<PublicationEndpoint>();
        builder.Services.AddSingleton<PresenceEndpoints>();
        return builder;
    }

    public static WebApplication MapPushApi(this WebApplication app)
    {
        app.UseJsonErrors();
        app.UseCors();

        app.MapGet("/get/token", app.Services.GetRequiredService<TokenEndpoint>().HandleAsync).RequireCors(OriginCors.Clients);
        app.MapGet("/heartbeat", app.Services.GetRequiredService<HeartbeatEndpoint>().HandleAsync).RequireCors(OriginCors.Clients);
        app.MapPost("/push/new/score/message", app.Services.GetRequiredService<PublicationEndpoint>().HandleAsync).RequireCors(OriginCors.BackEnds);

        var presence = app.Services.GetRequiredService<PresenceEndpoints>();
        var presenceGroup = app.MapGroup("/presence").RequireCors(OriginCors.BackEnds);
        presenceGroup.MapGet("/edges", presence.GetEdgesAsync);
        presenceGroup.MapGet("/users", presence.GetUsersAsync);
        presenceGroup.MapGet("/rooms/{roomId}", presence.GetRoomAsync);

        app.MapDocumentation();
        if (app.Services.GetRequiredService<IOptions<PlaygroundOptions>>().Value.Enabled ?? app.Services.GetRequiredService<AccessPolicy>().IsAnonymous)
        {
            app.MapPlayground();
        }

        return app;
    }
}
