using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Push.Contracts;

namespace Push.Auth.Tokens;

internal sealed class TokenOptionsValidator(IHostEnvironment environment) : IValidateOptions<TokenOptions>
{
    /// <summary>Every key is tried on a forged token, so their number is bounded.</summary>
    private const int MaxKeys = 8;

    private const string KeysPath = $"{TokenOptions.Section}:{nameof(TokenOptions.SigningKeys)}";

    public ValidateOptionsResult Validate(string? name, TokenOptions options)
    {
        var failures = Failures(options).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private IEnumerable<string> Failures(TokenOptions options)
    {
        if (options.Lifetime < TimeSpan.FromSeconds(1) || options.Lifetime > TimeSpan.FromDays(365))
        {
            yield return $"{TokenOptions.Section}:{nameof(TokenOptions.Lifetime)} must be between 1 second and 365 days.";
        }

        if (options.SigningKeys.Count == 0 && !environment.IsDevelopment())
        {
            yield return $"{KeysPath} is empty: set {KeysPath}:0:Id and {KeysPath}:0:Secret (at least {SigningKey.MinSecretBytes} bytes). "
                + "Only the Development environment has a key of its own.";
        }

        if (options.SigningKeys.Count > MaxKeys)
        {
            yield return $"{KeysPath} holds more than {MaxKeys} keys.";
        }

        for (var i = 0; i < options.SigningKeys.Count; i++)
        {
            var key = options.SigningKeys[i];
            if (!RoomId.IsValid(key.Id))
            {
                yield return $"{KeysPath}:{i}:Id must be 1–{RoomId.MaxLength} characters of [A-Za-z0-9_.:-].";
            }

            if (options.SigningKeys.Take(i).Any(other => other.Id == key.Id))
            {
                yield return $"{KeysPath}:{i}:Id is used twice.";
            }

            if (Encoding.UTF8.GetByteCount(key.Secret) < SigningKey.MinSecretBytes)
            {
                yield return $"{KeysPath}:{i}:Secret must have at least {SigningKey.MinSecretBytes} bytes.";
            }

            if (key.Secret == TokenKeys.Development.Secret && !environment.IsDevelopment())
            {
                yield return $"{KeysPath}:{i}:Secret is the published development key.";
            }
        }
    }
}
