using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Push.ServiceDefaults.Configuration;

namespace Push.Auth.Access;

public static class AccessRegistration
{
    /// <summary>
    /// Adds <see cref="AccessPolicy"/>, <see cref="OriginRule"/> and <see cref="OpenAccess"/>, by section <c>Access</c>. Refuses to start with a published
    /// signing key where a network reaches the service.
    /// </summary>
    public static IHostApplicationBuilder AddAccess(this IHostApplicationBuilder builder)
    {
        builder.AddValidatedOptions<AccessOptions>(AccessOptions.Section);
        builder.Services.TryAddSingleton<AccessPolicy>();
        builder.Services.TryAddSingleton(services => new OriginRule(
            services.GetRequiredService<AccessPolicy>().IsAnonymous,
            services.GetRequiredService<IOptions<AccessOptions>>().Value));
        if (!builder.Services.Any(service => service.ServiceType == typeof(OpenAccess)))
        {
            builder.Services.AddSingleton<OpenAccess>();
            builder.Services.AddSingleton<IStartupFilter, OpenAccessFilter>();
            builder.Services.AddHostedService<CredentialGuard>();
        }

        return builder;
    }
}
