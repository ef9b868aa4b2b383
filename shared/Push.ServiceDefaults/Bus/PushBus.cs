using MassTransit;
using MassTransit.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Push.ServiceDefaults.Configuration;
using Push.ServiceDefaults.Health;

namespace Push.ServiceDefaults.Bus;

public static class PushBus
{
    /// <summary>
    /// Adds MassTransit (control events, <see cref="IPublishEndpoint"/>) and what <see cref="BrokerLink"/> needs. Comes before the modules.
    /// The transport is RabbitMQ at <c>ConnectionStrings:RabbitMq</c>; where that is not set and <paramref name="inMemoryWithoutBroker"/>, memory.
    /// </summary>
    public static IHostApplicationBuilder AddPushBus(this IHostApplicationBuilder builder, bool inMemoryWithoutBroker = false)
    {
        var hasBroker = !string.IsNullOrEmpty(builder.Configuration.GetConnectionString(BrokerAddress.ConnectionStringName));
        var transport = hasBroker || !inMemoryWithoutBroker ? BusTransport.RabbitMq : BusTransport.InMemory;
        builder.Properties[typeof(BusTransport)] = transport;

        builder.AddValidatedOptions<BusOptions>(BusOptions.Section);
        builder.Services.TryAddSingleton(TimeProvider.System);
        if (transport == BusTransport.RabbitMq)
        {
            builder.Services.AddSingleton(services => BrokerAddress.From(services.GetRequiredService<IConfiguration>()));
            builder.Services.AddSingleton<BrokerGate>();
            builder.Services.AddMetrics();
            builder.Services.AddSingleton<BusMetrics>();
            builder.Services.AddHostedService(services => services.GetRequiredService<BusMetrics>());
            builder.Services.AddSingleton<PushStreamTopology>();
            builder.Services.AddSingleton<BrokerLink>();
        }
        else
        {
            builder.Services.AddSingleton<InMemoryPublications>();
        }

        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();

            // Readiness rests on what a service itself needs of the broker, not on the bus that reconnects beside it.
            bus.ConfigureHealthCheckOptions(check => check.Tags.Clear());
            if (transport == BusTransport.RabbitMq)
            {
                bus.UsingRabbitMq(ConfigureRabbitMq);
            }
            else
            {
                bus.UsingInMemory((context, configurator) => ConfigureEndpoints(context, configurator, _ => { }));
            }
        });
        return builder;
    }

    /// <summary>Adds <see cref="IPushPublisher"/>; the service is ready when it can publish.</summary>
    public static IHostApplicationBuilder AddPushPublisher(this IHostApplicationBuilder builder)
    {
        if (builder.GetBusTransport() == BusTransport.InMemory)
        {
            builder.Services.AddSingleton<IPushPublisher>(services => services.GetRequiredService<InMemoryPublications>());
            return builder;
        }

        builder.Services.AddSingleton<StreamPublisher>();
        builder.Services.AddSingleton<IPushPublisher>(services => services.GetRequiredService<StreamPublisher>());
        builder.Services.AddHostedService(services => services.GetRequiredService<StreamPublisher>());
        builder.Services.AddHealthChecks().AddCheck<PublisherHealthCheck>("broker", tags: [HealthRegistration.ReadyTag]);
        return builder;
    }

    /// <summary>
    /// Lets <typeparamref name="TConsumer"/> consume its events from a queue of this process's own, which goes when the process does.
    /// At most <paramref name="concurrency"/> events are consumed at once; 1 keeps their order.
    /// </summary>
    public static IHostApplicationBuilder AddBusConsumer<TConsumer>(
        this IHostApplicationBuilder builder,
        Func<IServiceProvider, string> queue,
        int concurrency)
        where TConsumer : class, IConsumer
    {
        builder.Services.RegisterConsumer<TConsumer>();
        builder.Services.AddSingleton(new BusEndpoint(queue, (endpoint, context) =>
        {
            endpoint.ConcurrentMessageLimit = concurrency;
            endpoint.ConfigureConsumer<TConsumer>(context);
        }));
        return builder;
    }

    /// <summary>What <see cref="AddPushBus"/> chose.</summary>
    /// <exception cref="InvalidOperationException"><see cref="AddPushBus"/> was not called before.</exception>
    public static BusTransport GetBusTransport(this IHostApplicationBuilder builder) =>
        builder.Properties.TryGetValue(typeof(BusTransport), out var transport)
            ? (BusTransport)transport
            : throw new InvalidOperationException("AddPushBus comes before the modules.");

    private static void ConfigureRabbitMq(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator configurator)
    {
        var gate = context.GetRequiredService<BrokerGate>();
        var address = context.GetRequiredService<BrokerAddress>();
        configurator.Host(address.Host, (ushort)address.Port, "/", host =>
        {
            // What else it needs to know, the gate tells it before each attempt.
            host.Heartbeat(context.GetRequiredService<IOptions<BusOptions>>().Value.Heartbeat);
            host.OnRefreshConnectionFactory = gate.WaitAsync;
        });
        ConfigureEndpoints(context, configurator, endpoint =>
        {
            // Exclusive: it goes with the connection, also where broker and process are killed at once. Brokers begin to refuse transient queues of any other kind.
            endpoint.Exclusive = true;
            endpoint.Durable = false;
            endpoint.AutoDelete = true;
        });
    }

    private static void ConfigureEndpoints<TEndpoint>(
        IBusRegistrationContext context,
        IBusFactoryConfigurator<TEndpoint> configurator,
        Action<TEndpoint> configureTransport)
        where TEndpoint : IReceiveEndpointConfigurator
    {
        foreach (var endpoint in context.GetServices<BusEndpoint>())
        {
            configurator.ReceiveEndpoint(endpoint.Queue(context), receive =>
            {
                configureTransport(receive);
                endpoint.Configure(receive, context);
            });
        }
    }
}
