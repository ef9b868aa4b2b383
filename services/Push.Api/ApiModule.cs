using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authorization;
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
using Push.Auth.Access;
using Push.Auth.Policies;
using Push.Messaging;
using Push.Presence;
using Push.ServiceDefaults.Configuration;
using Push.ServiceDefaults.Http;

namespace Push.Api;

/// <summary>The HTTP API: tokens, heartbeats, publications. Messaging comes before it.</summary>
public static class ApiModule
{
    public const int DefaultPort = 8082;

    public static WebApplicationBuilder AddPushApi(this WebApplicationBuilder builder)
    {
        builder.AddAccessPolicies();
        builder.AddPresence();
        builder.AddPublisher();
        builder.AddValidatedOptions<PlaygroundOptions>(PlaygroundOptions.Section);
        builder.Services.AddSingleton<ApiMetrics>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ApiMetrics>());
        builder.Services.AddCors();
        builder.Services.AddSingleton<ICorsPolicyProvider, OriginCors>();
        builder.Services.AddSingleton<IAuthorizationMiddlewareResultHandler, AccessRefusals>();
        builder.Services.AddSingleton<PublicationEndpoint>();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        builder.Services.AddOpenApiDescription();
        return builder;
    }

    public static WebApplication MapPushApi(this WebApplication app)
    {
        app.UseJsonErrors();
        app.UseCors();
        app.UseAuthorization();

        var api = app.MapGroup("").WithNoStore();
        api.MapTokens();
        api.MapHeartbeats();
        api.MapPresence();
        app.MapPublications();
        app.MapDocumentation();
        if (app.Services.GetRequiredService<IOptions<PlaygroundOptions>>().Value.Enabled ?? app.Services.GetRequiredService<AccessPolicy>().IsAnonymous)
        {
            app.MapPlayground();
        }

        return app;
    }
}
