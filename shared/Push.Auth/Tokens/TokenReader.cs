using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Push.Contracts;

namespace Push.Auth.Tokens;

/// <summary>
/// Checks tokens, wrapped or bare. Every reason for a refusal has the same answer. Nothing of a token is parsed before its
/// signature has been verified, so whoever has no key can't reach the parser.
/// </summary>
public sealed class TokenReader
{
    /// <summary>How far the clock of another back end that mints tokens may be ahead. An expiry has no leeway.</summary>
    private static readonly TimeSpan NotBeforeLeeway = TimeSpan.FromSeconds(60);

    private readonly TokenKeys _keys;
    private readonly TimeProvider _time;

    internal TokenReader(TokenKeys keys, TimeProvider time)
    {
        _keys = keys;
        _time = time;
    }

    /// <summary>Whether <paramref name="text"/> is a valid token; never throws.</summary>
    public bool TryRead(ReadOnlySpan<char> text, [NotNullWhen(true)] out SessionToken? session)
    {
        session = null;
        if (text.Length is 0 or > TokenText.MaxLength)
        {
            return false;
        }

        Span<byte> jwt = stackalloc byte[text.Length];
        if (!TokenText.TryUnwrap(text, jwt, out var length) || !_keys.Verify(jwt[..length]))
        {
            return false;
        }

        try
        {
            session = !IsUnambiguous(jwt[..length]) ? null : Read(new JsonWebToken(Encoding.ASCII.GetString(jwt[..length])));
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException or FormatException or JsonException or InvalidOperationException)
        {
            // Signed with a valid key, but not a JWT, or with claims of other types.
        }

        return session is not null;
    }

    private SessionToken? Read(JsonWebToken jwt)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        var isValid = jwt.Alg == SecurityAlgorithms.HmacSha256
            && jwt.Issuer == TokenClaims.Issuer
            && jwt.Audiences.Contains(TokenClaims.Audience)
            && jwt.ValidTo > now // MinValue where the claim is missing
            && jwt.ValidFrom <= now + NotBeforeLeeway
            && RoomId.IsValid(jwt.Id); // the token's id becomes part of a key in the store
        if (!isValid)
        {
            return null;
        }

        _ = jwt.TryGetPayloadValue<string>(TokenClaims.DeviceId, out var deviceId);
        _ = jwt.TryGetPayloadValue<string>(TokenClaims.UserId, out var userId);
        return jwt.TryGetPayloadValue<bool>(TokenClaims.IsLogin, out var isLogin) && TokenIdentity.IsValid(deviceId, userId, isLogin)
            ? new SessionToken(jwt.Id, deviceId, userId, isLogin, jwt.ValidTo)
            : null;
    }

    /// <summary>
    /// Whether every reader would understand the same: no name twice, nothing that has to be understood and is not (<c>crit</c>: RFC 7515, section 4.1.11), ids
    /// that are texts and times that are numbers.
    /// </summary>
    private static bool IsUnambiguous(ReadOnlySpan<byte> jwt)
    {
        var dot = jwt.IndexOf((byte)'.');
        var lastDot = jwt.LastIndexOf((byte)'.');
        return dot > 0 && lastDot > dot && IsUnambiguousPart(jwt[..dot], isHeader: true) && IsUnambiguousPart(jwt[(dot + 1)..lastDot], isHeader: false);
    }

    private static bool IsUnambiguousPart(ReadOnlySpan<byte> encoded, bool isHeader)
    {
        Span<byte> json = stackalloc byte[Base64Url.GetMaxDecodedLength(encoded.Length)];
        if (!Base64Url.TryDecodeFromUtf8(encoded, json, out var length))
        {
            return false;
        }

        var reader = new Utf8JsonReader(json[..length]);
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (!names.Add(name) || !(isHeader ? name != "crit" : HasItsType(name, reader.TokenType)))
            {
                return false;
            }

            reader.Skip();
        }

        return !reader.Read();
    }

    private static bool HasItsType(string claim, JsonTokenType type) => claim switch
    {
        TokenClaims.DeviceId or TokenClaims.UserId => type is JsonTokenType.String or JsonTokenType.Null,
        JwtRegisteredClaimNames.Exp or JwtRegisteredClaimNames.Nbf or JwtRegisteredClaimNames.Iat => type == JsonTokenType.Number,
        JwtRegisteredClaimNames.Jti or JwtRegisteredClaimNames.Iss => type == JsonTokenType.String,
        _ => true,
    };
}
