using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Push.ServiceDefaults.Configuration;

namespace Push.ServiceDefaults.Access;

public static class AccessRegistration
{
    /// <summary>Adds <see cref="AccessPolicy"/> and <see cref="OriginRule"/>, by section <c>Access</c>.</summary>
    public static IHostApplicationBuilder AddAccess(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<AccessOptions>(AccessOptions.Section);
        builder.Services.TryAddSingleton<AccessPolicy>();
        builder.Services.TryAddSingleton(services => new OriginRule(
            services.GetRequiredService<AccessPolicy>().IsAnonymous,
            services.GetRequiredService<IOptions<AccessOptions>>().Value.AllowedOrigins));
        return builder;
    }

    /// <summary>Refuses to start where everybody could publish although nobody said so; says it loudly where somebody did.</summary>
    public static IHostApplicationBuilder AddCredentialGuard(this IHostApplicationBuilder builder)
    {
        builder.AddAccess();
        builder.Services.AddHostedService<CredentialGuard>();
        return builder;
    }
}
