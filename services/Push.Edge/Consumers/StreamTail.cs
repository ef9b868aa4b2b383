using Push.Contracts;
using RabbitMQ.Client;

namespace Push.Edge.Consumers;

/// <summary>Finds the last offset of the stream. AMQP 0.9.1 has no call for it: reading from "last" gives the last chunk.</summary>
internal static class StreamTail
{
    public const long Empty = -1;

    // A chunk comes whole and within milliseconds; an empty stream says nothing.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(5);

    public static async Task<long> FindAsync(IConnection connection, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var declared = await channel.QueueDeclarePassiveAsync(BusNames.PushStream, cancellationToken);
        await channel.BasicQosAsync(prefetchSize: 0, prefetchCount: ushort.MaxValue, global: false, cancellationToken);
        var chunk = new LastChunk(channel);
        var tag = await channel.BasicConsumeAsync(
            BusNames.PushStream,
            autoAck: false,
            consumerTag: "",
            noLocal: false,
            exclusive: false,
            new Dictionary<string, object?> { ["x-stream-offset"] = "last" },
            chunk,
            cancellationToken);
        try
        {
            // The count is some seconds old: above zero it proves that there is something to wait for, zero proves nothing.
            await chunk.Begun.WaitAsync(declared.MessageCount > 0 ? LongPatience : Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return Empty;
        }

        await channel.BasicCancelAsync(tag, cancellationToken: cancellationToken);
        await chunk.Ended.WaitAsync(LongPatience, time, cancellationToken);
        return chunk.LastOffset;
    }

    private sealed class LastChunk(IChannel channel) : AsyncDefaultBasicConsumer(channel)
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        /// <summary>The broker's answer to the cancellation: it comes behind all records that were on the way.</summary>
        public Task Ended => _ended.Task;

        public long LastOffset { get; private set; } = Empty;

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
            LastOffset = Math.Max(LastOffset, StreamOffset.Of(properties));
            _begun.TrySetResult();
            return Task.CompletedTask;
        }

        protected override Task OnCancelAsync(string[] consumerTags, CancellationToken cancellationToken = default)
        {
            _ended.TrySetResult();
            return base.OnCancelAsync(consumerTags, cancellationToken);
        }
    }
}
