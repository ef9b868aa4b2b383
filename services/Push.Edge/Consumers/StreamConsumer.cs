using Push.ServiceDefaults.Bus;
using RabbitMQ.Client;

namespace Push.Edge.Consumers;

/// <summary>Takes records one at a time and gives credit back in batches. Ends when the broker ends it, or <paramref name="read"/> does.</summary>
internal sealed class StreamConsumer(IChannel channel, StreamConsumer.Read read) : StreamSubscriber(channel)
{
    /// <summary>Records on the way. A stream delivers nothing without a limit.</summary>
    public const ushort Prefetch = 4096;

    private const int AckEvery = Prefetch / 8;

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _reading = new();
    private int _acking;
    private ulong _lastTag;
    private ulong _ackedTag;

    /// <summary>What is done with a record. False: no more of them.</summary>
    public delegate bool Read(long offset, in Delivery delivery);

    /// <summary>Completes when nothing more will come; faulted by a record that is none of a stream's.</summary>
    public Task Ended => _ended.Task;

    protected override Task OnRecordAsync(ulong deliveryTag, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        lock (_reading)
        {
            try
            {
                if (_ended.Task.IsCompleted || !read(StreamOffset.Of(properties), new Delivery(properties, body.Span)))
                {
                    _ended.TrySetResult();
                    return Task.CompletedTask;
                }
            }
            catch (InvalidDataException e)
            {
                _ended.TrySetException(e);
                return Task.CompletedTask;
            }
        }

        Volatile.Write(ref _lastTag, deliveryTag);
        return deliveryTag - Volatile.Read(ref _ackedTag) >= AckEvery ? AckAsync(cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Nothing is read any more when this returns, although the library may still hold records.</summary>
    public void End()
    {
        lock (_reading)
        {
            _ended.TrySetResult();
        }
    }

    /// <summary>Acknowledges what has been read. Without it for half an hour, the broker takes the consumer for stuck.</summary>
    public async Task AckAsync(CancellationToken cancellationToken)
    {
        // Two at once could overtake each other, and the broker closes the channel on a tag that is acknowledged already.
        if (Interlocked.Exchange(ref _acking, 1) == 1)
        {
            return;
        }

        try
        {
            var tag = Volatile.Read(ref _lastTag);
            if (tag > _ackedTag)
            {
                await Channel.BasicAckAsync(tag, multiple: true, cancellationToken);
                Volatile.Write(ref _ackedTag, tag);
            }
        }
        finally
        {
            Volatile.Write(ref _acking, 0);
        }
    }

    protected override void OnEnded() => _ended.TrySetResult();
}
