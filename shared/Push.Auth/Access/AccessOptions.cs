using System.ComponentModel.DataAnnotations;

namespace Push.Auth.Access;

/// <summary>Who may publish and mint tokens, and from which web pages. Section <c>Access</c>.</summary>
public sealed class AccessOptions : IValidatableObject
{
    public const string Section = "Access";

    /// <summary>The <c>Origin</c> of a page that has none of its own.</summary>
    public const string NullOrigin = "null";

    /// <summary>Shorter keys can be guessed.</summary>
    public const int MinApiKeyLength = 16;

    /// <summary>
    /// Lets everybody publish and mint tokens. Default: false. Without it, and without <see cref="ApiKeys"/>, access is open only
    /// in Development on a loopback listener; anywhere else the Api refuses to start.
    /// </summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>With <see cref="ApiKeys"/>, tokens of clients that are not logged in stay open to everybody. Default: false.</summary>
    public bool AllowAnonymousTokens { get; set; }

    /// <summary>Keys that back ends send as <c>Authorization: Bearer &lt;key&gt;</c>, each of at least 16 characters. Default: none.</summary>
    public IList<string> ApiKeys { get; } = [];

    /// <summary>
    /// Origins (<c>https://app.example.com</c>) whose pages may connect, get tokens and publish; <c>null</c> is that of a page opened from a file, and of
    /// sandboxed frames. Default: none.
    /// </summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>
    /// Host names under which this service is called, besides addresses, <c>localhost</c> and the hosts of <see cref="AllowedOrigins"/>. With open access others are
    /// refused, as a foreign name may have been made to point here. Default: none.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (AllowAnonymous && ApiKeys.Count > 0)
        {
            yield return new ValidationResult("excludes Access:ApiKeys: remove one of them", [nameof(AllowAnonymous)]);
        }

        for (var i = 0; i < ApiKeys.Count; i++)
        {
            if (ApiKeys[i].Length < MinApiKeyLength || ApiKeys[i].AsSpan().ContainsAnyExceptInRange('!', '~'))
            {
                yield return new ValidationResult($"must be at least {MinApiKeyLength} visible ASCII characters", [$"{nameof(ApiKeys)}:{i}"]);
            }
        }

        for (var i = 0; i < AllowedOrigins.Count; i++)
        {
            if (AllowedOrigins[i] is not NullOrigin && !WebOrigin.TryParse(AllowedOrigins[i], out _))
            {
                yield return new ValidationResult("must be an origin such as https://app.example.com, or null", [$"{nameof(AllowedOrigins)}:{i}"]);
            }
        }

        for (var i = 0; i < AllowedHosts.Count; i++)
        {
            if (!WebOrigin.TryParseHost(AllowedHosts[i], out _))
            {
                yield return new ValidationResult("must be a host name such as push.example.com", [$"{nameof(AllowedHosts)}:{i}"]);
            }
        }
    }
}
