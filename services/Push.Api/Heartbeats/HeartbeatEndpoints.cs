using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Push.Api.Documentation;
using Push.Api.Http;
using Push.Api.Telemetry;
using Push.Api.Tokens;
using Push.Auth.Policies;
using Push.Presence;

namespace Push.Api.Heartbeats;

/// <summary><c>GET /heartbeat?token=</c>: keeps every connection of the token's session alive.</summary>
internal static class HeartbeatEndpoints
{
    // No connection is closed while the store is away, so there is no hurry.
    private static readonly ServiceUnavailable NotRecorded = new("The heartbeat could not be recorded", retryAfterSeconds: 5);

    public static void MapHeartbeats(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/heartbeat", RecordAsync)
            .RequireCors(OriginCors.Clients)
            .RequireAuthorization(AccessPolicies.Session)
            .WithMetadata(new CountedRefusals(metrics => metrics.HeartbeatRefused()))
            .Produces<DataBody>(StatusCodes.Status401Unauthorized)
            .Describe(OpenApiTags.Clients, "heartbeat", "Keep the session's connections alive",
                "Refreshes every live connection of the token. Call it every 20 seconds: after 30 silent seconds connections are closed.")
            .DescribeQuery("token", "As it came from `/get/token`.", OpenApiSchemas.Text, isRequired: true)
            .DescribeAnswer(StatusCodes.Status200OK, "Recorded.", "{}")
            .DescribeAnswer(AccessReplies.NoSession, "The token is missing, forged or expired.")
            .DescribeAnswer(NotRecorded.Reply, "Not recorded: the presence store is away. No connection is closed for that.");

    private static async Task<Results<Ok<RecordedBody>, ServiceUnavailable>> RecordAsync(
        ClaimsPrincipal session, PresenceStore presence, ApiMetrics metrics, CancellationToken cancellationToken)
    {
        try
        {
            await presence.HeartbeatAsync(session.TokenId(), cancellationToken);
        }
        catch (PresenceUnavailableException)
        {
            metrics.HeartbeatUnavailable();
            return NotRecorded;
        }

        metrics.HeartbeatRecorded();
        return TypedResults.Ok(new RecordedBody());
    }
}

/// <summary><c>{}</c></summary>
internal sealed record RecordedBody;
