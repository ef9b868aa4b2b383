using Push.Contracts;
using RabbitMQ.Client;

namespace Push.Messaging.RabbitMq;

/// <summary>
/// Tells a publisher that the stream is gone, at once and also while nothing is published: the broker tells consumers, so it consumes. It takes
/// a single record every few minutes.
/// </summary>
internal sealed class StreamDeletion : StreamSubscriber
{
    // The broker takes a consumer for stuck that leaves a record unacknowledged for half an hour.
    private static readonly TimeSpan AckInterval = TimeSpan.FromMinutes(5);

    private readonly TaskCompletionSource _deleted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong _tag;

    private StreamDeletion(IChannel channel)
        : base(channel)
    {
    }

    public static async Task<StreamDeletion> WatchAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await channel.BasicQosAsync(prefetchSize: 0, prefetchCount: 1, global: false, cancellationToken);
        var watch = new StreamDeletion(channel);
        await StreamOffset.ConsumeAsync(channel, BusNames.PushStream, StreamOffset.Next, watch, cancellationToken);
        return watch;
    }

    /// <summary>Returns when the stream is deleted, or its node goes down, or the channel is closed.</summary>
    public async Task WaitAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        while (!_deleted.Task.IsCompleted)
        {
            await Task.WhenAny(_deleted.Task, Task.Delay(AckInterval, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            if (Interlocked.Exchange(ref _tag, 0) is var tag and not 0 && !_deleted.Task.IsCompleted)
            {
                await Channel.BasicAckAsync(tag, multiple: false, cancellationToken);
            }
        }
    }

    protected override Task OnRecordAsync(ulong deliveryTag, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _tag, deliveryTag);
        return Task.CompletedTask;
    }

    protected override void OnEnded() => _deleted.TrySetResult();
}
