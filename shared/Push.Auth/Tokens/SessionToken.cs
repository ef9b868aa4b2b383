namespace Push.Auth.Tokens;

/// <summary>What a valid token says. A token is a session; it may hold several connections.</summary>
/// <param name="TokenId">The <c>jti</c> claim: names the session in stores and events; the token itself is never stored.</param>
/// <param name="DeviceId">Null where the token was issued without one.</param>
/// <param name="UserId">Null for a session that is not logged in.</param>
/// <param name="IsLogin">Whether <paramref name="UserId"/> has logged in.</param>
/// <param name="ExpiresAt">The <c>exp</c> claim.</param>
public sealed record SessionToken(string TokenId, string? DeviceId, string? UserId, bool IsLogin, DateTimeOffset ExpiresAt);
