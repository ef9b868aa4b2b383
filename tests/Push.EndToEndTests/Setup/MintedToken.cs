using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Push.TestKit.Services;

namespace Push.EndToEndTests.Setup;

/// <summary>Tokens made outside Push, from the description of their form alone, as another back end makes them.</summary>
internal static partial class MintedToken
{
    public static string Of(string deviceId, TimeSpan? lifetime = null, string? secret = null, string algorithm = "HS256")
    {
        var now = TimeProvider.System.GetUtcNow();
        var header = Part(new { alg = algorithm, typ = "JWT", kid = TestCredentials.SigningKeyId });
        var claims = Part(new
        {
            iss = "push",
            aud = "push",
            jti = Guid.NewGuid().ToString("N"),
            deviceId,
            isLogin = false,
            iat = now.AddDays(-1).ToUnixTimeSeconds(),
            exp = now.Add(lifetime ?? TimeSpan.FromHours(1)).ToUnixTimeSeconds(),
        });
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret ?? TestCredentials.SigningSecret), Encoding.ASCII.GetBytes($"{header}.{claims}"));
        return $"{header}.{claims}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>The form in which <c>/get/token</c> gives them.</summary>
    public static string Wrap(string jwt) => Convert.ToBase64String(Encoding.ASCII.GetBytes(jwt.PadRight((jwt.Length + 2) / 3 * 3)));

    /// <summary>The JWT in a token of <c>/get/token</c>.</summary>
    public static string Unwrap(string token) => Encoding.ASCII.GetString(Convert.FromBase64String(token)).TrimEnd(' ');

    /// <summary>What no service may accept, made from a good token, each with what is wrong about it.</summary>
    public static IReadOnlyDictionary<string, string> Bad(string good)
    {
        var jwt = Unwrap(good);
        return new Dictionary<string, string>
        {
            ["truncated"] = good[..(good.Length / 2)],
            ["last character missing"] = good[..^1],
            ["altered in the middle"] = Altered(good, good.Length / 2),
            ["altered at the end"] = Altered(good, good.Length - 1),
            ["bare, altered in the claims"] = Altered(jwt, jwt.IndexOf('.', StringComparison.Ordinal) + 5),
            ["bare, altered in the signature"] = Altered(jwt, jwt.Length - 1),
            ["another key"] = Wrap(Of("somebody", secret: "another-secret-of-at-least-32-bytes-length")),
            ["expired"] = Wrap(Of("somebody", lifetime: TimeSpan.FromMinutes(-10))),
            ["no algorithm"] = Wrap(Of("somebody", algorithm: "none")),
            ["no token at all"] = "something",
            ["5,000 characters"] = new string('a', 5000),
        };
    }

    /// <summary>The beginning of a JSON object in Base64, of a JWT that is, bare or wrapped once more, and some of what follows.</summary>
    [GeneratedRegex("(eyJ|ZXlK)[A-Za-z0-9_-]{20}")]
    public static partial Regex Any();

    private static string Altered(string text, int index) => $"{text[..index]}{(text[index] == 'A' ? 'B' : 'A')}{text[(index + 1)..]}";

    private static string Part<T>(T content) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(content));
}
