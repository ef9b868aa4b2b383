using Push.Api.Http;
using Push.Api.Telemetry;
using Push.Presence;
using Push.ServiceDefaults.Http;
using Push.Auth.Tokens;

namespace Push.Api.Heartbeats;

/// <summary><c>GET /heartbeat?token=</c>: keeps every connection of the token's session alive.</summary>
internal sealed class HeartbeatEndpoint(TokenReader tokens, PresenceStore presence, RequestGate gate, ApiMetrics metrics)
{
    private static readonly Reply Recorded = new(StatusCodes.Status200OK, "{}"u8.ToArray());
    private static readonly Reply TokenError = new(StatusCodes.Status401Unauthorized, """{"data":"token error"}"""u8.ToArray());

    // No connection is closed while the store is away, so there is no hurry.
    private static readonly Reply NotRecorded =
        new(StatusCodes.Status503ServiceUnavailable, """{"error":"The heartbeat could not be recorded"}"""u8.ToArray()) { RetryAfter = "5" };

    public async Task HandleAsync(HttpContext context)
    {
        if (gate.TurnsAwayClient(context, out var refusal))
        {
            await refusal.WriteAsync(context);
            return;
        }

        if (!tokens.TryRead(context.Request.Query["token"].ToString(), out var session))
        {
            metrics.HeartbeatRefused();
            await TokenError.WriteAsync(context);
            return;
        }

        try
        {
            await presence.HeartbeatAsync(session.TokenId, context.RequestAborted);
        }
        catch (PresenceUnavailableException)
        {
            metrics.HeartbeatUnavailable();
            await NotRecorded.WriteAsync(context);
            return;
        }

        metrics.HeartbeatRecorded();
        await Recorded.WriteAsync(context);
    }
}
