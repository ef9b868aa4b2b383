using RabbitMQ.Client;

namespace Push.ServiceDefaults.Bus;

/// <summary>Finds the last offset of a stream. AMQP 0.9.1 has no call for it: reading from "last" gives the last chunk.</summary>
public static class StreamTail
{
    // A chunk comes whole and within milliseconds.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Null where nothing came in time: an empty stream says nothing, and a broker that is slow says nothing yet. So this is never
    /// taken for "there is nothing".
    /// </summary>
    /// <exception cref="TimeoutException">The broker says that there are records, and delivers none.</exception>
    public static async Task<long?> FindAsync(IConnection connection, string stream, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var declared = await channel.QueueDeclarePassiveAsync(stream, cancellationToken);
        await channel.BasicQosAsync(prefetchSize: 0, prefetchCount: ushort.MaxValue, global: false, cancellationToken);
        var chunk = new LastChunk(channel);
        var tag = await StreamOffset.ConsumeAsync(channel, stream, StreamOffset.Last, chunk, cancellationToken);

        // The count is some seconds old: above zero it proves that there is something to wait for, zero proves nothing.
        var hasRecords = declared.MessageCount > 0;
        try
        {
            await chunk.Begun.WaitAsync(hasRecords ? LongPatience : Patience, time, cancellationToken);
        }
        catch (TimeoutException) when (!hasRecords)
        {
            return null;
        }

        await channel.BasicCancelAsync(tag, cancellationToken: cancellationToken);
        await chunk.Ended.WaitAsync(LongPatience, time, cancellationToken);
        return chunk.LastOffset;
    }

    private sealed class LastChunk(IChannel channel) : StreamSubscriber(channel)
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        /// <summary>The broker's answer to the cancellation: it comes behind all records that were on the way.</summary>
        public Task Ended => _ended.Task;

        public long LastOffset { get; private set; }

        protected override Task OnRecordAsync(ulong deliveryTag, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
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
