using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Primitives;
using Push.Api.Documentation;
using Push.Api.Http;
using Push.Api.Telemetry;
using Push.Auth.Policies;
using Push.Auth.Tokens;
using Push.Contracts;

namespace Push.Api.Tokens;

/// <summary><c>GET /get/token?deviceId=&amp;userId=&amp;isLogin=</c></summary>
internal static class TokenEndpoints
{
    public static void MapTokens(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/get/token", Issue)
            .RequireCors(OriginCors.Clients)
            .RequireAuthorization(AccessPolicies.Mint)
            .Describe(OpenApiTags.Clients, "getToken", "Get a token for a new session", """
                A logged-in session needs `userId`, any other one `deviceId`. The token is valid for 24 hours unless configured otherwise. Needs a credential
                where access is not anonymous; `Access:AllowAnonymousTokens` leaves sessions without a login open.
                """)
            .DescribeQuery("deviceId", "Needed unless `isLogin` is true.", OpenApiSchemas.PrincipalId, example: "browser-1")
            .DescribeQuery("userId", "Needed if `isLogin` is true; ignored otherwise.", OpenApiSchemas.PrincipalId)
            .DescribeQuery(AccessPolicies.IsLoginParameter, "Whether the user has logged in: `true` in any case; anything else is false.", OpenApiSchemas.Flag)
            .DescribeAnswer(StatusCodes.Status200OK, "The token: opaque, to be sent as it is.", """{"data":"ZXlKaGJHY2lPaUpJVXpJ…"}""")
            .DescribeAnswer(StatusCodes.Status400BadRequest, "An id is missing, malformed or given twice.", """{"data":"Invalid request parameters"}""");

    private static Results<Ok<DataBody>, BadRequest<DataBody>> Issue(HttpRequest request, TokenIssuer issuer, ApiMetrics metrics)
    {
        var isLogin = AccessPolicies.IsLogin(request);
        if (!TryGetId(request.Query["deviceId"], out var deviceId) || !TryGetId(request.Query["userId"], out var userId) || (isLogin ? userId : deviceId) is null)
        {
            return TypedResults.BadRequest(new DataBody("Invalid request parameters"));
        }

        // A user id in a token that nobody logged in for would get that user's pushes.
        var token = issuer.Issue(deviceId, isLogin ? userId : null, isLogin);
        metrics.TokenIssued();
        return TypedResults.Ok(new DataBody(token));
    }

    /// <summary>Absent and empty are the same; malformed or given twice is false.</summary>
    private static bool TryGetId(StringValues values, out string? id)
    {
        id = values.Count == 1 && values[0] is { Length: > 0 } text ? text : null;
        return values.Count <= 1 && (id is null || PrincipalId.IsValid(id));
    }
}

/// <summary>The form of the contract's answers about tokens.</summary>
/// <param name="Data">The token, or what is wrong.</param>
internal sealed record DataBody(string Data);
