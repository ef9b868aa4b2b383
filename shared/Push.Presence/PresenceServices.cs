using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Push.ServiceDefaults.Configuration;
using StackExchange.Redis;

namespace Push.Presence;

/// <summary>Registers <see cref="PresenceStore"/>.</summary>
public static class PresenceServices
{
    /// <summary>Adds the store once, whichever services share the process.</summary>
    public static IHostApplicationBuilder AddPresence(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        if (services.Any(service => service.ServiceType == typeof(PresenceStore)))
        {
            return builder;
        }

        builder.AddValidatedOptions<LivenessOptions>(LivenessOptions.Section);
        services.AddSingleton<IValidateOptions<LivenessOptions>, LivenessOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IConnectionMultiplexer>(provider =>
            ConnectionMultiplexer.Connect(Configure(provider.GetRequiredService<IConfiguration>())));
        services.AddSingleton(provider =>
            new PresenceStore(provider.GetRequiredService<IConnectionMultiplexer>(), provider.GetRequiredService<IOptions<LivenessOptions>>()));
        services.AddHostedService<StorePulse>();
        return builder;
    }

    /// <summary>A store that is away must not keep a service from starting, and a paused one must not keep a caller waiting.</summary>
    private static ConfigurationOptions Configure(IConfiguration settings)
    {
        var configuration = StoreAddress.Read(settings);
        configuration.AbortOnConnectFail = false;
        configuration.ConnectTimeout = 2_000;
        configuration.SyncTimeout = 3_000;
        configuration.AsyncTimeout = 3_000;
        configuration.KeepAlive = 5;
        configuration.ReconnectRetryPolicy = new ExponentialRetry(1_000, 10_000);
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        return configuration;
    }
}
