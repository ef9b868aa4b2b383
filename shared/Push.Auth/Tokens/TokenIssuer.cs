using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Push.Contracts;

namespace Push.Auth.Tokens;

/// <summary>Makes tokens: JWTs signed with the first configured key, wrapped in Base64 (see docs/adr/0007-token-form.md).</summary>
public sealed class TokenIssuer
{
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly TokenKeys _keys;
    private readonly TimeSpan _lifetime;
    private readonly TimeProvider _time;

    internal TokenIssuer(TokenKeys keys, IOptions<TokenOptions> options, TimeProvider time)
    {
        _keys = keys;
        _lifetime = options.Value.Lifetime;
        _time = time;
    }

    /// <summary>Issues a token for a new session.</summary>
    /// <param name="deviceId">Needed unless <paramref name="isLogin"/>; of the form that <see cref="PrincipalId"/> checks.</param>
    /// <param name="userId">Needed if <paramref name="isLogin"/>; of the form that <see cref="PrincipalId"/> checks.</param>
    /// <param name="isLogin">Whether the user has logged in.</param>
    /// <exception cref="ArgumentException">An id is missing or malformed.</exception>
    public string Issue(string? deviceId, string? userId, bool isLogin)
    {
        if (!TokenIdentity.IsValid(deviceId, userId, isLogin))
        {
            throw new ArgumentException("A session needs the user's id if it is logged in, otherwise the device's, well-formed.");
        }

        var now = _time.GetUtcNow().UtcDateTime;
        var claims = new Dictionary<string, object>
        {
            [JwtRegisteredClaimNames.Jti] = Guid.NewGuid().ToString("N"),
            [TokenClaims.IsLogin] = isLogin,
        };
        if (deviceId is not null)
        {
            claims[TokenClaims.DeviceId] = deviceId;
        }

        if (userId is not null)
        {
            claims[TokenClaims.UserId] = userId;
        }

        return TokenText.Wrap(_handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = TokenClaims.Issuer,
            Audience = TokenClaims.Audience,
            IssuedAt = now,
            Expires = now + _lifetime,
            Claims = claims,
            SigningCredentials = _keys.SigningCredentials,
        }));
    }
}
