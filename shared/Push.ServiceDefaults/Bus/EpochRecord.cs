using System.Security.Cryptography;
using System.Text;
using Push.Contracts;
using RabbitMQ.Client;

namespace Push.ServiceDefaults.Bus;

/// <summary>The one record of the epoch stream: names one life of the stream.</summary>
internal static class EpochRecord
{
    // The record is there before the stream is: only a stream that was left half made has none.
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Null where the epoch stream is empty.</summary>
    public static async Task<string?> ReadAsync(IConnection connection, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.BasicQosAsync(prefetchSize: 0, prefetchCount: 1, global: false, cancellationToken);
        var consumer = new FirstRecord(channel);
        await channel.BasicConsumeAsync(
            BusNames.EpochStream,
            autoAck: false,
            consumerTag: "",
            noLocal: false,
            exclusive: false,
            new Dictionary<string, object?> { ["x-stream-offset"] = "first" },
            consumer,
            cancellationToken);
        try
        {
            return await consumer.Text.WaitAsync(ReadTimeout, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Writes a new epoch to the empty epoch stream, and returns it once the broker has confirmed it.</summary>
    public static async Task<string> WriteAsync(IConnection connection, CancellationToken cancellationToken)
    {
        var epoch = RandomNumberGenerator.GetHexString(12, lowercase: true);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
            cancellationToken);
        await channel.BasicPublishAsync("", BusNames.EpochStream, mandatory: true, Encoding.ASCII.GetBytes(epoch), cancellationToken);
        return epoch;
    }

    private sealed class FirstRecord(IChannel channel) : AsyncDefaultBasicConsumer(channel)
    {
        private readonly TaskCompletionSource<string> _text = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Text => _text.Task;

        public override Task HandleBasicDeliverAsync(
            string consumerTag,
            ulong deliveryTag,
            bool redelivered,
            string exchange,
            string routingKey,
            IReadOnlyBasicProperties properties,
            ReadOnlyMemory<byte> body,
            CancellationToken cancellationToken = default)
        {
            _text.TrySetResult(Encoding.ASCII.GetString(body.Span));
            return Task.CompletedTask;
        }
    }
}
