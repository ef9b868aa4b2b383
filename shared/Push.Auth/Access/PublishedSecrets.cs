using System.Security.Cryptography;
using System.Text;

namespace Push.Auth.Access;

/// <summary>
/// The secrets that stand in this repository, so that things can be tried at once: whoever has read it can sign tokens with them. They are refused wherever a
/// network can reach a service, unless access is open to everybody there anyway.
/// </summary>
public static class PublishedSecrets
{
    /// <summary>Signs tokens in Development where no key is configured.</summary>
    public const string DevelopmentKey = "push-development-key-known-to-everybody";

    private static readonly string[] All =
    [
        DevelopmentKey,
        "everybody-knows-this-key-of-compose",
        "everybody-knows-this-key-of-the-dev-overlay",
    ];

    /// <summary>Whether <paramref name="secret"/> is one of them, white space around it or not.</summary>
    public static bool Contains(string? secret) =>
        secret is not null && All.Any(published => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(published), Encoding.UTF8.GetBytes(secret.Trim())));
}
