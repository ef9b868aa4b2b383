using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Push.ServiceDefaults.Configuration;

/// <summary>Checks annotations and <see cref="IValidatableObject"/>, and names the setting by its path instead of its property.</summary>
internal sealed class PathNamingValidator<TOptions>(string section) : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var results = new List<ValidationResult>();
        return Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(results.SelectMany(result => result.MemberNames.DefaultIfEmpty(""), Describe));
    }

    private string Describe(ValidationResult result, string member) =>
        member.Length == 0 ? $"{section}: {result.ErrorMessage}" : $"{section}:{member}: {result.ErrorMessage}";
}
