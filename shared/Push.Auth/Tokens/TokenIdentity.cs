using Push.Contracts;

namespace Push.Auth.Tokens;

/// <summary>Who a session may belong to: a logged-in user, or else a device. The other id may be there too.</summary>
internal static class TokenIdentity
{
    public static bool IsValid(string? deviceId, string? userId, bool isLogin) =>
        (isLogin ? userId : deviceId) is not null
        && (deviceId is null || PrincipalId.IsValid(deviceId))
        && (userId is null || PrincipalId.IsValid(userId));
}
