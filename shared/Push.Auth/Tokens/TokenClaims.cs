namespace Push.Auth.Tokens;

/// <summary>The names and fixed values in a token, apart from the registered claims' own names.</summary>
internal static class TokenClaims
{
    public const string Issuer = "push";
    public const string Audience = "push";
    public const string DeviceId = "deviceId";
    public const string UserId = "userId";
    public const string IsLogin = "isLogin";
}
