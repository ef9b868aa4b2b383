using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Push.ServiceDefaults.Bus;

/// <summary>A consumer of a stream: it is told of each record, and of the end, however that comes.</summary>
public abstract class StreamSubscriber(IChannel channel) : AsyncDefaultBasicConsumer(channel)
{
    public sealed override Task HandleBasicDeliverAsync(
        string consumerTag,
        ulong deliveryTag,
        bool redelivered,
        string exchange,
        string routingKey,
        IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default) =>
        OnRecordAsync(deliveryTag, properties, body, cancellationToken);

    public sealed override Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason)
    {
        OnEnded();
        return base.HandleChannelShutdownAsync(channel, reason);
    }

    /// <summary>A record has come. <paramref name="body"/> is the library's again when the task completes.</summary>
    protected abstract Task OnRecordAsync(ulong deliveryTag, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>Nothing more comes: the stream was deleted, its node went down, the channel was closed, or the consumer was cancelled.</summary>
    protected virtual void OnEnded()
    {
    }

    protected override Task OnCancelAsync(string[] consumerTags, CancellationToken cancellationToken = default)
    {
        OnEnded();
        return base.OnCancelAsync(consumerTags, cancellationToken);
    }
}
