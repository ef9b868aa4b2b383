using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.ServiceDefaults.Bus;
using RabbitMQ.Client;

namespace Push.Edge.Consumers;

/// <summary>
/// Reads the stream at an offset of its own and hands every record to the pipeline, in order: each once, however often the connection
/// is lost, as long as the stream keeps it.
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
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan WarmUpStep = TimeSpan.FromMilliseconds(20);

    private readonly StreamCursor _cursor = new(options.Value.DuplicateWindow);
    private long _tail = StreamTail.Empty;

    /// <summary>What was read last.</summary>
    public StreamPosition? Position => _cursor.Position;

    /// <summary>Offsets between the stream's end, when it was last looked at, and what was read.</summary>
    public long Lag => Math.Max(0, Volatile.Read(ref _tail) + 1 - Math.Max(0, _cursor.Next));

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => link.RunAsync("reader", ReadAsync, stoppingToken);

    private async Task ReadAsync(IConnection connection, string epoch, CancellationToken lost)
    {
        await PlaceCursorAsync(connection, epoch, lost);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: lost);
        await channel.BasicQosAsync(prefetchSize: 0, StreamConsumer.Prefetch, global: false, lost);
        var consumer = new StreamConsumer(channel, OnRecord);
        var resumeAt = _cursor.AttachAt;
        await channel.BasicConsumeAsync(
            BusNames.PushStream,
            autoAck: false,
            consumerTag: "",
            noLocal: false,
            exclusive: false,
            new Dictionary<string, object?> { [StreamOffset.Header] = resumeAt },
            consumer,
            lost);
        try
        {
            await WarmUpAsync(consumer, lost);
            _cursor.EndWarmUp();
            Log.Attached(logger, _cursor.Epoch!, resumeAt, _cursor.LiveFrom);
            readiness.StreamAttached();
            await AttendUntilEndAsync(connection, consumer, lost);
        }
        finally
        {
            readiness.StreamLost();
            consumer.End();
        }
    }

    private async Task PlaceCursorAsync(IConnection connection, string epoch, CancellationToken lost)
    {
        if (_cursor.Epoch is not null && _cursor.Epoch != epoch)
        {
            Log.NewEpoch(logger, epoch, _cursor.Epoch);
            _cursor.Restart(epoch);
            return;
        }

        var tail = await StreamTail.FindAsync(connection, time, lost);
        if (_cursor.Epoch is null)
        {
            _cursor.Start(epoch, tail);
        }
        else if (_cursor.Next > tail + 1)
        {
            // Attached beyond the end, the broker would hold back every record until the offset is reached again.
            Log.RanBackwards(logger, tail, _cursor.Next - 1);
            _cursor.StartOver(await topology.RenewEpochAsync(connection, epoch, lost));
        }
    }

    /// <summary>Waits until the records from before this process are read; where the window holds none, until it is clear that none come.</summary>
    private async Task WarmUpAsync(StreamConsumer consumer, CancellationToken lost)
    {
        var read = _cursor.Next;
        var quietSince = time.GetTimestamp();
        while (_cursor.IsWarmingUp && time.GetElapsedTime(quietSince) < QuietTime && !consumer.Ended.IsCompleted)
        {
            await Task.Delay(WarmUpStep, time, lost);
            if (_cursor.Next != read)
            {
                read = _cursor.Next;
                quietSince = time.GetTimestamp();
            }
        }
    }

    /// <summary>Acknowledges what a quiet stream leaves unacknowledged, and looks how far away its end is.</summary>
    private async Task AttendUntilEndAsync(IConnection connection, StreamConsumer consumer, CancellationToken lost)
    {
        while (!consumer.Ended.IsCompleted)
        {
            await Task.WhenAny(consumer.Ended, Task.Delay(TailInterval, time, lost));
            lost.ThrowIfCancellationRequested();
            await consumer.AckAsync(lost);
            if (!consumer.Ended.IsCompleted)
            {
                Volatile.Write(ref _tail, await StreamTail.FindAsync(connection, time, lost));
            }
        }

        await consumer.Ended;
        Log.Ended(logger);
    }

    private bool OnRecord(long offset, in Delivery delivery)
    {
        var expected = _cursor.Next;
        var hasMissed = _cursor.HasMissed(offset);
        var isUnread = _cursor.TryAdvance(offset);
        if (offset < _cursor.LiveFrom)
        {
            pipeline.Remember(delivery);
            return true;
        }

        if (!isUnread)
        {
            return true;
        }

        if (hasMissed)
        {
            Log.Missed(logger, expected, offset - 1);
        }

        try
        {
            pipeline.Handle(delivery);
        }
        catch (TimeoutException e)
        {
            // Going on would lose this one for whoever waits; clients are better off with another Edge.
            Log.FanoutStalled(logger, e);
            lifetime.StopApplication();
            return false;
        }
        catch (Exception e)
        {
            // A defect of ours, not of the record's: the ones behind it must not suffer.
            Log.Failed(logger, e, offset);
        }

        return true;
    }
}
