using Push.Contracts;
using RabbitMQ.Client;

namespace Push.ServiceDefaults.Bus;

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
