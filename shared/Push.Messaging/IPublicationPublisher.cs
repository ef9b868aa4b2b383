namespace Push.Messaging;

/// <summary>Stores publications in the stream: over RabbitMQ, or in the memory of this process.</summary>
public interface IPublicationPublisher
{
    /// <summary>Whether a publication has a chance to be confirmed.</summary>
    bool IsReady { get; }

    /// <summary>Completes when the publication is confirmed: the stream holds it.</summary>
    /// <param name="publication">Copied before this returns.</param>
    /// <param name="cancellationToken">Nobody waits for the confirmation any more.</param>
    /// <exception cref="BrokerUnavailableException">It is not confirmed within <see cref="BusOptions.ConfirmTimeout"/>: whether it will be delivered is unknown.</exception>
    ValueTask PublishAsync(scoped in DecodedPublication publication, CancellationToken cancellationToken);
}
