using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Push.Auth.Access;

/// <summary>Who may publish and mint tokens.</summary>
public sealed class AccessPolicy
{
    private const string Scheme = "Bearer ";

    private readonly byte[][] _keyHashes;

    public AccessPolicy(IOptions<AccessOptions> options, IHostEnvironment environment)
    {
        // Hashed, so that all comparisons are of the same length and none tells how long a key is.
        _keyHashes = [.. options.Value.ApiKeys.Select(key => SHA256.HashData(Encoding.UTF8.GetBytes(key)))];
        IsAnonymous = options.Value.AllowAnonymous || (environment.IsDevelopment() && _keyHashes.Length == 0);
        AllowsAnonymousTokens = IsAnonymous || options.Value.AllowAnonymousTokens;
    }

    /// <summary>Publishing and minting need no credentials.</summary>
    public bool IsAnonymous { get; }

    /// <summary>Tokens of clients that are not logged in need no credentials.</summary>
    public bool AllowsAnonymousTokens { get; }

    internal bool HasKeys => _keyHashes.Length > 0;

    /// <summary>Whether an <c>Authorization</c> header holds one of the keys. Takes the same time whichever it is.</summary>
    public bool HasKey(string? authorization)
    {
        if (_keyHashes.Length == 0 || authorization is null || authorization.Length > 1024 || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(authorization, Scheme.Length, authorization.Length - Scheme.Length), hash);
        var found = false;
        foreach (var key in _keyHashes)
        {
            found |= CryptographicOperations.FixedTimeEquals(key, hash);
        }

        return found;
    }
}
