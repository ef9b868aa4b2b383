using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
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

        services.AddOptions<LivenessOptions>().Configure<IConfiguration>(Bind).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LivenessOptions>, LivenessOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IConnectionMultiplexer>(provider =>
            ConnectionMultiplexer.Connect(Configure(provider.GetRequiredService<IConfiguration>())));
        services.AddSingleton(provider =>
            new PresenceStore(provider.GetRequiredService<IConnectionMultiplexer>(), provider.GetRequiredService<IOptions<LivenessOptions>>()));
        services.AddHostedService<StorePulse>();
        return builder;
    }

    private static void Bind(LivenessOptions options, IConfiguration configuration)
    {
        try
        {
            configuration.GetSection(LivenessOptions.Section).Bind(options);
        }
        catch (InvalidOperationException e)
        {
            // A value of the wrong type is a bad setting like any other; the message names its path.
            throw new OptionsValidationException(LivenessOptions.Section, typeof(LivenessOptions), [e.Message]);
        }
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
