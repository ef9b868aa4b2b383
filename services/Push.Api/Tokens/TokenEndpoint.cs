using System.Text;
using Microsoft.Extensions.Primitives;
using Push.Api.Http;
using Push.Api.Telemetry;
using Push.Contracts;
using Push.ServiceDefaults.Http;
using Push.Auth.Tokens;

namespace Push.Api.Tokens;

/// <summary><c>GET /get/token?deviceId=&amp;userId=&amp;isLogin=</c></summary>
internal sealed class TokenEndpoint(TokenIssuer issuer, RequestGate gate, ApiMetrics metrics)
{
    private static readonly Reply InvalidParameters = new(StatusCodes.Status400BadRequest, """{"data":"Invalid request parameters"}"""u8.ToArray());

    public Task HandleAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var isLogin = string.Equals(query["isLogin"], "true", StringComparison.OrdinalIgnoreCase);
        if (gate.TurnsAwayClient(context, out var refusal) || gate.TurnsAwayMint(context, isLogin, out refusal))
        {
            return refusal.WriteAsync(context);
        }

        if (!TryGetId(query["deviceId"], out var deviceId) || !TryGetId(query["userId"], out var userId) || (isLogin ? userId : deviceId) is null)
        {
            return InvalidParameters.WriteAsync(context);
        }

        // A user id in a token that nobody logged in for would get that user's pushes.
        var token = issuer.Issue(deviceId, isLogin ? userId : null, isLogin);
        metrics.TokenIssued();
        return new Reply(StatusCodes.Status200OK, Encoding.ASCII.GetBytes($"{{\"data\":\"{token}\"}}")).WriteAsync(context);
    }

    /// <summary>Absent and empty are the same; malformed or given twice is false.</summary>
    private static bool TryGetId(StringValues values, out string? id)
    {
        id = values.Count == 1 && values[0] is { Length: > 0 } text ? text : null;
        return values.Count <= 1 && (id is null || PrincipalId.IsValid(id));
    }
}
