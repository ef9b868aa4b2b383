using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Push.ServiceDefaults.Configuration;

public static partial class ValidatedOptions
{
    /// <summary>
    /// Binds <typeparamref name="TOptions"/> to <paramref name="section"/> and checks its annotations when the host starts;
    /// errors name the configuration path (<c>Liveness:SweepInterval</c>). Does nothing the second time.
    /// </summary>
    public static IHostApplicationBuilder AddValidatedOptions<TOptions>(this IHostApplicationBuilder builder, string section)
        where TOptions : class
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(IValidateOptions<TOptions>)))
        {
            return builder;
        }

        var configuration = builder.Configuration.GetSection(section);
        builder.Services.AddOptions<TOptions>().Configure(options => Bind(options, configuration)).ValidateOnStart();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>>(new PathNamingValidator<TOptions>(section)));
        return builder;
    }

    private static void Bind<TOptions>(TOptions options, IConfigurationSection section)
        where TOptions : class
    {
        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException e)
        {
            // A value of the wrong type is a bad setting like any other; the message names its path. The value is left out: it may be a secret in the wrong place.
            throw new OptionsValidationException(section.Path, typeof(TOptions), [QuotedValue().Replace(e.Message, "")]);
        }
    }

    [GeneratedRegex("(?<=configuration value) '.*'(?= at ')", RegexOptions.Singleline)]
    private static partial Regex QuotedValue();
}
