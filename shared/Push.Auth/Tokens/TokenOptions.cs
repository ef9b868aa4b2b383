namespace Push.Auth.Tokens;

/// <summary>How tokens are signed and how long they live. Section <c>Tokens</c>.</summary>
public sealed class TokenOptions
{
    public const string Section = "Tokens";

    /// <summary>
    /// The keys that are valid at once: the first one signs, all of them verify, so keys rotate without a client noticing.
    /// At most 8. Default: none, which only the Development environment accepts.
    /// </summary>
    public IList<SigningKey> SigningKeys { get; } = [];

    /// <summary>How long an issued token is valid: 1 second to 365 days. Default: 24 hours.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(24);
}
