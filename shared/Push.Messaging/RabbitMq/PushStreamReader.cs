using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Push.Contracts;
using RabbitMQ.Client;

namespace Push.Messaging.RabbitMq;

/// <summary>
/// Reads the stream at an offset of its own and hands every record to its handler, in order: each once, however often the connection
/// is lost, as long as the stream keeps it. What is read, and what was read before, <see cref="StreamCursor"/> decides.
/// </summary>
internal sealed partial class PushStreamReader(
    BrokerLink link,
    PushStreamTopology topology,
    IOptions<BusOptions> options,
    TimeProvider time,
    ILogger<PushStreamReader> logger) : IPublicationSource
{
    private static readonly TimeSpan TailInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GuessInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan WarmUpPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WarmUpStep = TimeSpan.FromMilliseconds(20);

    private readonly StreamCursor _cursor = new(options.Value.DuplicateWindow, time);
    private long _tail = -1;

    public StreamPosition? Position => _cursor.Position;

    public long Lag => Math.Max(0, Volatile.Read(ref _tail) + 1 - Math.Max(0, _cursor.Next));

    public Task ReadAsync(IPublicationHandler handler, CancellationToken stopping) =>
        link.RunAsync("reader", (connection, epochs, lost) => ReadAsync(connection, epochs, handler, lost), stopping);

    private async Task ReadAsync(IConnection connection, EpochWatch epochs, IPublicationHandler handler, CancellationToken lost)
    {
        _cursor.Detach();
        try
        {
            while (await AttachAsync(connection, epochs, handler, lost))
            {
            }

            _cursor.Ended();
            LogEnded();
        }
        finally
        {
            handler.Detached();
        }
    }

    /// <summary>Reads until the broker ends it. True where the reader must attach elsewhere.</summary>
    private async Task<bool> AttachAsync(IConnection connection, EpochWatch epochs, IPublicationHandler handler, CancellationToken lost)
    {
        var start = await PlaceCursorAsync(connection, epochs, lost);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: lost);
        await channel.BasicQosAsync(prefetchSize: 0, StreamConsumer.Prefetch, global: false, lost);
        var attachAgain = false;
        var consumer = new StreamConsumer(channel, (offset, properties, body) => OnRecord(handler, offset, properties, body, ref attachAgain));
        epochs.Changed = EndWhereItIsAnother;
        EndWhereItIsAnother(epochs.Chain);
        await StreamOffset.ConsumeAsync(channel, BusNames.PushStream, start, consumer, lost);
        try
        {
            await WarmUpAsync(consumer, lost);
            if (!consumer.Ended.IsCompleted)
            {
                _cursor.EndWarmUp();
                LogAttached(_cursor.Epoch!, start, _cursor.LiveFrom);
                handler.Attached();
            }

            return !await AttendUntilEndAsync(connection, consumer, lost) || attachAgain;
        }
        finally
        {
            epochs.Changed = null;
            consumer.End();
        }

        void EndWhereItIsAnother(EpochChain chain)
        {
            if (!_cursor.TryAdopt(chain))
            {
                attachAgain = true;
                consumer.End();
            }
        }
    }

    /// <summary>Where to attach, once the epoch that a break needs has begun.</summary>
    private async Task<object> PlaceCursorAsync(IConnection connection, EpochWatch epochs, CancellationToken lost)
    {
        var tail = await StreamTail.FindAsync(connection, BusNames.PushStream, time, lost);
        while (true)
        {
            if (_cursor.Break is { } found)
            {
                LogBroken(found.Reason, found.ValidFrom, found.Epoch);
                if (found.NeedsEpoch)
                {
                    await topology.RenewEpochAsync(epochs, found.Epoch, found.ValidFrom, found.Reason, lost);
                }

                _cursor.Mended();
            }

            var start = _cursor.Attach(epochs.Chain, tail);
            if (_cursor.Break is null)
            {
                return start;
            }
        }
    }

    /// <summary>Waits until the records from before this process are read; where the window seems to hold none, a moment.</summary>
    private async Task WarmUpAsync(StreamConsumer consumer, CancellationToken lost)
    {
        var read = _cursor.Next;
        var quietSince = time.GetTimestamp();
        while (_cursor.IsWarmingUp && !consumer.Ended.IsCompleted)
        {
            await Task.Delay(WarmUpStep, time, lost);
            if (_cursor.Next is var next && next != read)
            {
                read = next;
                quietSince = time.GetTimestamp();
            }

            var quiet = time.GetElapsedTime(quietSince);
            if (read == -1 && quiet > QuietTime)
            {
                return;
            }

            if (quiet > WarmUpPatience)
            {
                throw new BrokerUnavailableException($"The broker delivers nothing more, {_cursor.LiveFrom - read} records before the stream's end.");
            }
        }
    }

    /// <summary>Looks how far away the stream's end is, and acknowledges what a quiet stream leaves unacknowledged. False where the end is another stream's.</summary>
    private async Task<bool> AttendUntilEndAsync(IConnection connection, StreamConsumer consumer, CancellationToken lost)
    {
        while (!consumer.Ended.IsCompleted)
        {
            if (await LookForTailAsync(connection, lost) is { } tail)
            {
                Volatile.Write(ref _tail, tail);
                if (!_cursor.Sees(tail))
                {
                    return false;
                }
            }

            await Task.WhenAny(consumer.Ended, Task.Delay(_cursor.IsGuessing ? GuessInterval : TailInterval, time, lost));
            lost.ThrowIfCancellationRequested();
            await consumer.AckAsync(lost);
        }

        await consumer.Ended;
        return true;
    }

    /// <summary>Null where the broker does not say: that is its lag's concern alone.</summary>
    private async Task<long?> LookForTailAsync(IConnection connection, CancellationToken lost)
    {
        try
        {
            return await StreamTail.FindAsync(connection, BusNames.PushStream, time, lost);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private bool OnRecord(IPublicationHandler handler, long offset, IReadOnlyBasicProperties properties, ReadOnlySpan<byte> body, ref bool attachAgain)
    {
        var record = new PublicationRecord(new StreamPosition(_cursor.Epoch!, offset), properties, body);
        var missed = _cursor.MissedBefore(offset);
        switch (_cursor.Advance(offset, record.Fingerprint, record.Republication))
        {
            case RecordFate.AttachAgain:
                attachAgain = true;
                return false;

            case RecordFate.Skip:
                return true;

            case RecordFate.Remember:
                handler.Remember(record);
                return true;
        }

        if (missed > 0)
        {
            LogMissed(offset - missed, offset - 1);
        }

        return handler.TryHandle(record);
    }

    [LoggerMessage(EventIds.StreamAttached, LogLevel.Information, "Attached to the stream in epoch {Epoch} at {Start}; publications are delivered from offset {LiveFrom}")]
    private partial void LogAttached(string epoch, object start, long liveFrom);

    [LoggerMessage(EventIds.StreamBroken, LogLevel.Error, "The stream was {Reason}: from offset {ValidFrom} on it does not hold what was read there in epoch {Epoch}")]
    private partial void LogBroken(EpochReason reason, long validFrom, string epoch);

    [LoggerMessage(EventIds.RecordsMissed, LogLevel.Error, "Offsets {From} to {To} are missed: the stream no longer holds them")]
    private partial void LogMissed(long from, long to);

    [LoggerMessage(EventIds.StreamEnded, LogLevel.Warning, "The broker ended the reading of the stream: attaching again")]
    private partial void LogEnded();
}

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
    public delegate bool Read(long offset, IReadOnlyBasicProperties properties, ReadOnlySpan<byte> body);

    /// <summary>Completes when nothing more will come; faulted by a record that is none of a stream's.</summary>
    public Task Ended => _ended.Task;

    protected override Task OnRecordAsync(ulong deliveryTag, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        lock (_reading)
        {
            try
            {
                if (_ended.Task.IsCompleted || !read(StreamOffset.Of(properties), properties, body.Span))
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
