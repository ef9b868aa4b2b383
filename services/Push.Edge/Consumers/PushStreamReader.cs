using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.ServiceDefaults.Bus;
using RabbitMQ.Client;

namespace Push.Edge.Consumers;

/// <summary>
/// Reads the stream at an offset of its own and hands every record to the pipeline, in order: each once, however often the connection
/// is lost, as long as the stream keeps it. What is read, and what was read before, <see cref="StreamCursor"/> decides.
/// </summary>
internal sealed partial class PushStreamReader(
    BrokerLink link,
    PushStreamTopology topology,
    PublicationPipeline pipeline,
    EdgeReadiness readiness,
    IOptions<BusOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<PushStreamReader> logger) : BackgroundService
{
    private static readonly TimeSpan TailInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GuessInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan WarmUpPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WarmUpStep = TimeSpan.FromMilliseconds(20);

    private readonly StreamCursor _cursor = new(options.Value.DuplicateWindow, time);
    private long _tail = -1;

    /// <summary>What was read last.</summary>
    public StreamPosition? Position => _cursor.Position;

    /// <summary>Offsets between the stream's end, when it was last looked at, and what was read.</summary>
    public long Lag => Math.Max(0, Volatile.Read(ref _tail) + 1 - Math.Max(0, _cursor.Next));

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => link.RunAsync("reader", ReadAsync, stoppingToken);

    private async Task ReadAsync(IConnection connection, EpochWatch epochs, CancellationToken lost)
    {
        _cursor.Detach();
        try
        {
            while (await AttachAsync(connection, epochs, lost))
            {
            }

            _cursor.Ended();
            LogEnded();
        }
        finally
        {
            readiness.StreamLost();
        }
    }

    /// <summary>Reads until the broker ends it. True where the reader must attach elsewhere.</summary>
    private async Task<bool> AttachAsync(IConnection connection, EpochWatch epochs, CancellationToken lost)
    {
        var start = await PlaceCursorAsync(connection, epochs, lost);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: lost);
        await channel.BasicQosAsync(prefetchSize: 0, StreamConsumer.Prefetch, global: false, lost);
        var attachAgain = false;
        var consumer = new StreamConsumer(channel, (long offset, in Delivery delivery) => OnRecord(offset, delivery, ref attachAgain));
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
                readiness.StreamAttached();
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

    private bool OnRecord(long offset, in Delivery delivery, ref bool attachAgain)
    {
        var missed = _cursor.MissedBefore(offset);
        switch (_cursor.Advance(offset, delivery.Fingerprint, delivery.Republication))
        {
            case RecordFate.AttachAgain:
                attachAgain = true;
                return false;

            case RecordFate.Skip:
                return true;

            case RecordFate.Remember:
                pipeline.Remember(delivery);
                return true;
        }

        if (missed > 0)
        {
            LogMissed(offset - missed, offset - 1);
        }

        try
        {
            pipeline.Handle(delivery);
        }
        catch (TimeoutException e)
        {
            // Going on would lose this one for whoever waits; clients are better off with another Edge.
            LogFanoutStalled(e);
            lifetime.StopApplication();
            return false;
        }
        catch (Exception e)
        {
            // A defect of ours, not of the record's: the ones behind it must not suffer.
            LogFailed(e, offset);
        }

        return true;
    }

    [LoggerMessage(1, LogLevel.Information, "Attached to the stream in epoch {Epoch} at {Start}; publications are delivered from offset {LiveFrom}")]
    private partial void LogAttached(string epoch, object start, long liveFrom);

    [LoggerMessage(2, LogLevel.Error, "The stream was {Reason}: from offset {ValidFrom} on it does not hold what was read there in epoch {Epoch}")]
    private partial void LogBroken(EpochReason reason, long validFrom, string epoch);

    [LoggerMessage(4, LogLevel.Error, "Offsets {From} to {To} are missed: the stream no longer holds them")]
    private partial void LogMissed(long from, long to);

    [LoggerMessage(5, LogLevel.Error, "The publication at offset {Offset} could not be handled")]
    private partial void LogFailed(Exception exception, long offset);

    [LoggerMessage(6, LogLevel.Warning, "The broker ended the reading of the stream: attaching again")]
    private partial void LogEnded();

    [LoggerMessage(7, LogLevel.Critical, "The fan-out stands still: stopping this Edge")]
    private partial void LogFanoutStalled(Exception exception);
}
