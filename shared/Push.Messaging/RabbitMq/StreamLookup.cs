using Push.Contracts;
using RabbitMQ.Client;

namespace Push.Messaging.RabbitMq;

/// <summary>Finds the last offset of a stream. AMQP 0.9.1 has no call for it: reading from "last" gives the last chunk.</summary>
internal static class StreamTail
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

/// <summary>Looks for one publication in the stream, to see whether the broker still has what it confirmed.</summary>
internal static class StreamSearch
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    // What the broker's clock and ours may be apart by, and a confirmation may be late.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    /// <summary>Whether the stream holds what was published as <paramref name="messageId"/> at most <paramref name="back"/> ago. False, too, where the broker does not say so in time.</summary>
    public static async Task<bool> HoldsAsync(IConnection connection, string messageId, TimeSpan back, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var tail = await StreamTail.FindAsync(connection, BusNames.PushStream, time, ended.Token);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: ended.Token);
            await channel.BasicQosAsync(prefetchSize: 0, Search.Prefetch, global: false, ended.Token);
            var search = new Search(channel, messageId, tail ?? long.MaxValue);
            await StreamOffset.ConsumeAsync(channel, BusNames.PushStream, StreamOffset.Back(back + Slack), search, ended.Token);
            return await search.IsFound.WaitAsync(ended.Token);
        }
        catch (Exception e) when (e is TimeoutException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private sealed class Search(IChannel channel, string messageId, long tail) : StreamSubscriber(channel)
    {
        public const ushort Prefetch = 4096;

        private readonly TaskCompletionSource<bool> _found = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<bool> IsFound => _found.Task;

        protected override async Task OnRecordAsync(ulong deliveryTag, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        {
            if (properties.MessageId == messageId)
            {
                _found.TrySetResult(true);
            }
            else if (StreamOffset.Of(properties) >= tail)
            {
                _found.TrySetResult(false);
            }
            else if (deliveryTag % (Prefetch / 8) == 0)
            {
                await Channel.BasicAckAsync(deliveryTag, multiple: true, cancellationToken);
            }
        }

        protected override void OnEnded() => _found.TrySetException(new BrokerUnavailableException("The stream was deleted, or the connection lost, while it was read."));
    }
}
