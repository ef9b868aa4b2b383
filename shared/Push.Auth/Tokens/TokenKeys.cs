using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Push.Auth.Access;

namespace Push.Auth.Tokens;

/// <summary>The configured keys, ready to sign and verify. Thread-safe.</summary>
internal sealed partial class TokenKeys : IDisposable
{
    private const string Algorithm = SecurityAlgorithms.HmacSha256;
    private const int HashLength = 32;
    private const int SignatureLength = 43; // HashLength bytes in Base64url

    private readonly SignatureProvider[] _verifiers;

    public TokenKeys(IOptions<TokenOptions> options, ILogger<TokenKeys> logger)
    {
        IReadOnlyList<SigningKey> keys = [.. options.Value.SigningKeys];
        if (keys.Count == 0)
        {
            keys = [Development];
            LogDevelopmentKey(logger);
        }

        var securityKeys = keys.Select(key => new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key.Secret)) { KeyId = key.Id }).ToArray();
        SigningCredentials = new SigningCredentials(securityKeys[0], Algorithm);

        // One signature provider a key for the life of the process: it pools its HMAC instances, while the library's own cache costs a look-up a token.
        _verifiers = [.. securityKeys.Select(key => new SymmetricSignatureProvider(key, Algorithm, willCreateSignatures: true))];
    }

    /// <summary>Known to everybody who reads this line: good enough to try things on a laptop, refused everywhere else.</summary>
    public static SigningKey Development { get; } = new() { Id = "development", Secret = PublishedSecrets.DevelopmentKey };

    public SigningCredentials SigningCredentials { get; }

    /// <summary>
    /// Whether one of the keys signed <paramref name="jwt"/>. The signature's text is compared, not its bytes: lenient decoding
    /// ignores the unused bits of the last character, so two texts would stand for one token.
    /// </summary>
    public bool Verify(ReadOnlySpan<byte> jwt)
    {
        var dot = jwt.LastIndexOf((byte)'.');
        var signature = jwt[(dot + 1)..];
        if (dot <= 0 || signature.Length != SignatureLength)
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[HashLength];
        Span<byte> expected = stackalloc byte[SignatureLength];
        foreach (var verifier in _verifiers)
        {
            verifier.Sign(jwt[..dot], hash, out _);
            Base64Url.EncodeToUtf8(hash, expected);
            if (CryptographicOperations.FixedTimeEquals(expected, signature))
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        foreach (var verifier in _verifiers)
        {
            verifier.Dispose();
        }
    }

    [LoggerMessage(EventIds.DevelopmentKey, LogLevel.Warning,
        "Tokens are signed with the published development key, so anybody can make them. Set Tokens:SigningKeys:0:Id and Tokens:SigningKeys:0:Secret before anybody else can reach this service.")]
    private static partial void LogDevelopmentKey(ILogger logger);
}
