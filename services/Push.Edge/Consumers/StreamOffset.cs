using RabbitMQ.Client;

namespace Push.Edge.Consumers;

/// <summary>The header with which the broker marks what it delivers from a stream.</summary>
internal static class StreamOffset
{
    public const string Header = "x-stream-offset";

    /// <exception cref="InvalidDataException">There is none: the queue is no stream.</exception>
    public static long Of(IReadOnlyBasicProperties properties) =>
        properties.Headers is { } headers && headers.TryGetValue(Header, out var value) && value is long offset
            ? offset
            : throw new InvalidDataException("A delivery has no stream offset: push-requested is not a stream.");
}
