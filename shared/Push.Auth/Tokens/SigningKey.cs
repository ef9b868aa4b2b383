namespace Push.Auth.Tokens;

/// <summary>One HMAC key. Section <c>Tokens:SigningKeys:{n}</c>.</summary>
public sealed class SigningKey
{
    /// <summary>HS256 asks for at least as many bytes as its hash has (RFC 7518, section 3.2).</summary>
    public const int MinSecretBytes = 32;

    /// <summary>The <c>kid</c> of the tokens that it signs: 1–64 of <c>[A-Za-z0-9_.:-]</c>, unique.</summary>
    public string Id { get; set; } = "";

    /// <summary>The secret text; its UTF-8 bytes are the key, at least 32 of them.</summary>
    public string Secret { get; set; } = "";
}
