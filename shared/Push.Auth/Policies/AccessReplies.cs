using Microsoft.AspNetCore.Http;
using Push.ServiceDefaults.Http;

namespace Push.Auth.Policies;

/// <summary>The answers to those whom <see cref="AccessPolicies"/> turn away.</summary>
public static class AccessReplies
{
    public static Reply ForeignOrigin { get; } = Reply.Error(
        StatusCodes.Status403Forbidden, "This origin is not allowed: add it to Access:AllowedOrigins");

    public static Reply NoApiKey { get; } = Reply.Error(
        StatusCodes.Status401Unauthorized, "Missing or wrong API key: send it as Authorization: Bearer <key>") with
    { Challenge = "Bearer" };

    public static Reply NoSession { get; } = new(StatusCodes.Status401Unauthorized, """{"data":"token error"}"""u8.ToArray());
}
