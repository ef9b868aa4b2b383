using MassTransit;
using MassTransit.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Push.Messaging.RabbitMq;

namespace Push.Messaging.ControlBus;

/// <summary>Sends control events: what services tell one another about connections. Few and small, and delivered at least once.</summary>
public interface IControlBus
{
    /// <summary>Every process that handles <typeparamref name="TEvent"/> gets it.</summary>
    /// <exception cref="BrokerUnavailableException">The broker did not take it within <see cref="BusOptions.ConfirmTimeout"/>.</exception>
    Task PublishAsync<TEvent>(IReadOnlyCollection<TEvent> events, CancellationToken cancellationToken)
        where TEvent : class;
}

/// <summary>Handles the control events of one kind. What it throws is logged, and the event is gone.</summary>
public interface IControlHandler<in TEvent>
    where TEvent : class
{
    Task HandleAsync(TEvent controlEvent, CancellationToken cancellationToken);
}

/// <summary>The control bus on MassTransit, over RabbitMQ or in memory. Nothing outside this folder knows of MassTransit.</summary>
public static class ControlBusRegistration
{
    /// <summary>
    /// Lets <typeparamref name="THandler"/> handle its events from a queue of this process's own, which goes when the process does.
    /// At most <paramref name="concurrency"/> events are handled at once; 1 keeps their order.
    /// </summary>
    public static IHostApplicationBuilder AddControlHandler<TEvent, THandler>(
        this IHostApplicationBuilder builder,
        Func<IServiceProvider, string> queue,
        int concurrency)
        where TEvent : class
        where THandler : class, IControlHandler<TEvent>
    {
        builder.Services.AddSingleton<IControlHandler<TEvent>, THandler>();
        builder.Services.RegisterConsumer<Consumer<TEvent>>();
        builder.Services.AddSingleton(new Endpoint(queue, (endpoint, context) =>
        {
            endpoint.ConcurrentMessageLimit = concurrency;
            endpoint.ConfigureConsumer<Consumer<TEvent>>(context);
        }));
        return builder;
    }

    internal static void AddControlBus(this IHostApplicationBuilder builder, bool isInMemory)
    {
        builder.Services.AddSingleton<IControlBus, MassTransitControlBus>();
        if (!isInMemory)
        {
            builder.Services.AddSingleton<BrokerGate>();
        }

        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();

            // Readiness rests on what a service itself needs of the broker, not on the bus that reconnects beside it.
            bus.ConfigureHealthCheckOptions(check => check.Tags.Clear());
            if (isInMemory)
            {
                bus.UsingInMemory((context, configurator) => ConfigureEndpoints(context, configurator, _ => { }));
            }
            else
            {
                bus.UsingRabbitMq(ConfigureRabbitMq);
            }
        });
    }

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
        foreach (var endpoint in context.GetServices<Endpoint>())
        {
            configurator.ReceiveEndpoint(endpoint.Queue(context), receive =>
            {
                configureTransport(receive);
                endpoint.Configure(receive, context);
            });
        }
    }

    /// <summary>A queue of this process, and what consumes it.</summary>
    private sealed record Endpoint(Func<IServiceProvider, string> Queue, Action<IReceiveEndpointConfigurator, IRegistrationContext> Configure);

    private sealed class Consumer<TEvent>(IControlHandler<TEvent> handler) : IConsumer<TEvent>
        where TEvent : class
    {
        public Task Consume(ConsumeContext<TEvent> context) => handler.HandleAsync(context.Message, context.CancellationToken);
    }

    private sealed class MassTransitControlBus(IBus bus, IOptions<BusOptions> options, TimeProvider time) : IControlBus
    {
        public async Task PublishAsync<TEvent>(IReadOnlyCollection<TEvent> events, CancellationToken cancellationToken)
            where TEvent : class
        {
            // Cancelled rather than abandoned: a publish waits for a broker that is away.
            using var deadline = new CancellationTokenSource(options.Value.ConfirmTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            try
            {
                await Task.WhenAll(events.Select(controlEvent => bus.Publish(controlEvent, either.Token)));
            }
            catch (OperationCanceledException e) when (deadline.IsCancellationRequested)
            {
                throw new BrokerUnavailableException("The broker did not take the control events in time.", e);
            }
        }
    }
}
