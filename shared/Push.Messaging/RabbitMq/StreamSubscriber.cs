using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Push.Messaging.RabbitMq;

/// <summary>A consumer of a stream: it is told of each record, and of the end, however that comes.</summary>
internal abstract class StreamSubscriber(IChannel channel) : AsyncDefaultBasicConsumer(channel)
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

/// <summary>The argument with which a consumer says where to attach to a stream, and the header with which the broker marks what it delivers.</summary>
internal static class StreamOffset
{
    public const string Header = "x-stream-offset";

    /// <summary>Attaches at the first record that is kept.</summary>
    public const string First = "first";

    /// <summary>Attaches at the beginning of the last chunk: at some of the last records.</summary>
    public const string Last = "last";

    /// <summary>Attaches behind the last record.</summary>
    public const string Next = "next";

    /// <summary>Attaches at the first chunk that is at most <paramref name="time"/> old by the broker's clock, when it takes the request.</summary>
    public static string Back(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)Math.Ceiling(time.TotalSeconds))}s");

    /// <exception cref="InvalidDataException">There is none: the queue is no stream.</exception>
    public static long Of(IReadOnlyBasicProperties properties) =>
        properties.Headers is { } headers && headers.TryGetValue(Header, out var value) && value is long offset
            ? offset
            : throw new InvalidDataException("A delivery has no stream offset: the queue is not a stream.");

    /// <summary>Begins to read <paramref name="stream"/> at <paramref name="start"/>: an offset, one of the words above, or <see cref="Back"/>. The consumer's tag.</summary>
    public static Task<string> ConsumeAsync(IChannel channel, string stream, object start, IAsyncBasicConsumer consumer, CancellationToken cancellationToken) =>
        channel.BasicConsumeAsync(
            stream,
            autoAck: false,
            consumerTag: "",
            noLocal: false,
            exclusive: false,
            new Dictionary<string, object?> { [Header] = start },
            consumer,
            cancellationToken);
}
