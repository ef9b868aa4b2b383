using Push.Contracts;

namespace Push.ServiceDefaults.Bus;

/// <summary>Hands publications to the broker: over RabbitMQ.Client with publisher confirms, or over the in-memory bus.</summary>
public interface IPushPublisher
{
    /// <summary>Completes when the broker has confirmed that the stream holds the message.</summary>
    /// <exception cref="BrokerUnavailableException">It is not confirmed within the confirm time-out: whether it will be delivered is unknown.</exception>
    ValueTask PublishAsync(PushRequested request, PushTarget target, CancellationToken cancellationToken);
}
