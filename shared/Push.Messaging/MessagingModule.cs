using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Push.Messaging.ControlBus;
using Push.Messaging.InMemory;
using Push.Messaging.RabbitMq;
using Push.ServiceDefaults.Configuration;
using Push.ServiceDefaults.Health;

namespace Push.Messaging;

/// <summary>The stream of publications and the control bus: over RabbitMQ at <c>ConnectionStrings:RabbitMq</c>, or in memory.</summary>
public static class MessagingModule
{
    private const string IsInMemoryProperty = "Push.Messaging.IsInMemory";

    /// <summary>Adds the control bus and what the stream needs. Comes before the modules that publish and read. In memory where no broker is set and <paramref name="inMemoryWithoutBroker"/>.</summary>
    public static IHostApplicationBuilder AddMessaging(this IHostApplicationBuilder builder, bool inMemoryWithoutBroker = false)
    {
        var hasBroker = !string.IsNullOrEmpty(builder.Configuration.GetConnectionString(BrokerAddress.ConnectionStringName));
        var isInMemory = !hasBroker && inMemoryWithoutBroker;
        builder.Properties[IsInMemoryProperty] = isInMemory;
        builder.AddValidatedOptions<BusOptions>(BusOptions.Section);
        builder.AddValidatedOptions<PublicationOptions>(PublicationOptions.Section);
        builder.Services.TryAddSingleton(TimeProvider.System);
        if (isInMemory)
        {
            builder.Services.AddSingleton<InMemoryPublicationStream>();
        }
        else
        {
            builder.Services.AddSingleton(services => BrokerAddress.From(services.GetRequiredService<IConfiguration>()));
            builder.Services.AddMetrics();
            builder.Services.AddSingleton<StreamMetrics>();
            builder.Services.AddHostedService(services => services.GetRequiredService<StreamMetrics>());
            builder.Services.AddSingleton<PushStreamTopology>();
            builder.Services.AddSingleton<BrokerLink>();
        }

        builder.AddControlBus(isInMemory);
        return builder;
    }

    /// <summary>Adds <see cref="IPublicationPublisher"/>; the service is ready when it can publish.</summary>
    public static IHostApplicationBuilder AddPublisher(this IHostApplicationBuilder builder)
    {
        if (builder.IsInMemory())
        {
            builder.Services.AddSingleton<IPublicationPublisher>(services => services.GetRequiredService<InMemoryPublicationStream>());
            return builder;
        }

        builder.Services.AddSingleton<StreamPublisher>();
        builder.Services.AddSingleton<IPublicationPublisher>(services => services.GetRequiredService<StreamPublisher>());
        builder.Services.AddHostedService(services => services.GetRequiredService<StreamPublisher>());
        builder.Services.AddHealthChecks().AddCheck<PublisherHealthCheck>("broker", tags: [HealthRegistration.ReadyTag]);
        return builder;
    }

    /// <summary>Adds <see cref="IPublicationSource"/>. Whoever reads it says when the service is ready.</summary>
    public static IHostApplicationBuilder AddPublicationSource(this IHostApplicationBuilder builder)
    {
        if (builder.IsInMemory())
        {
            builder.Services.AddSingleton<IPublicationSource>(services => services.GetRequiredService<InMemoryPublicationStream>());
        }
        else
        {
            builder.Services.AddSingleton<IPublicationSource, PushStreamReader>();
        }

        return builder;
    }

    private static bool IsInMemory(this IHostApplicationBuilder builder) =>
        builder.Properties.TryGetValue(IsInMemoryProperty, out var isInMemory)
            ? (bool)isInMemory
            : throw new InvalidOperationException("AddMessaging comes before the modules.");

    private sealed class PublisherHealthCheck(IPublicationPublisher publisher) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(publisher.IsReady ? HealthCheckResult.Healthy() : new HealthCheckResult(context.Registration.FailureStatus, "The broker can't be reached, or accepts no messages."));
    }
}
