using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Push.ServiceDefaults.Configuration;

namespace Push.Auth.Tokens;

/// <summary>Registers <see cref="TokenIssuer"/> and <see cref="TokenReader"/>.</summary>
public static class TokenServices
{
    /// <summary>Adds the issuer and the reader once, whichever services share the process.</summary>
    public static IHostApplicationBuilder AddTokens(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        if (services.Any(service => service.ServiceType == typeof(TokenKeys)))
        {
            return builder;
        }

        builder.AddValidatedOptions<TokenOptions>(TokenOptions.Section);
        services.AddSingleton<IValidateOptions<TokenOptions>, TokenOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<TokenKeys>();
        services.AddSingleton(provider => new TokenIssuer(
            provider.GetRequiredService<TokenKeys>(), provider.GetRequiredService<IOptions<TokenOptions>>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new TokenReader(provider.GetRequiredService<TokenKeys>(), provider.GetRequiredService<TimeProvider>()));
        return builder;
    }
}
