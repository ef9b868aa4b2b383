using Push.Contracts;
using RabbitMQ.Client;

namespace Push.Messaging.RabbitMq;

/// <summary>Reads the epoch stream over one connection, from its beginning and for as long as the connection lasts.</summary>
internal sealed class EpochWatch : IAsyncDisposable
{
    private const ushort Prefetch = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _reading = new();
    private readonly List<(Func<bool> IsReached, TaskCompletionSource Reached)> _awaited = [];
    private readonly HashSet<string> _names = [];
    private volatile EpochChain _chain = EpochChain.Empty;
    private long _read = -1;

    private EpochWatch(IConnection connection, IChannel channel, TimeProvider time)
    {
        _connection = connection;
        _channel = channel;
        _time = time;
    }

    /// <summary>Called with the chain whenever another epoch has become current, by the thread that reads. Set it before the first use of <see cref="Chain"/>.</summary>
    public Action<EpochChain>? Changed { get; set; }

    /// <summary>What is read so far.</summary>
    public EpochChain Chain => _chain;

    /// <summary>The stream's epoch.</summary>
    /// <exception cref="InvalidOperationException">None is read yet.</exception>
    public string Epoch => _chain.Current?.Epoch ?? throw new InvalidOperationException("No epoch is read yet.");

    /// <summary>Completes when the epoch stream is deleted, or the connection is lost.</summary>
    public Task Ended => _ended.Task;

    public static async Task<EpochWatch> OpenAsync(IConnection connection, TimeProvider time, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var watch = new EpochWatch(connection, channel, time);
        try
        {
            await channel.BasicQosAsync(prefetchSize: 0, Prefetch, global: false, cancellationToken);
            await StreamOffset.ConsumeAsync(channel, BusNames.EpochStream, StreamOffset.First, new Consumer(watch, channel), cancellationToken);
            return watch;
        }
        catch
        {
            await watch.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until everything is read that is in the epoch stream. False where that is not known in time.</summary>
    public async Task<bool> TryReadToEndAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await StreamTail.FindAsync(_connection, BusNames.EpochStream, _time, cancellationToken) is not { } tail)
            {
                return false;
            }

            await UntilAsync(() => _read >= tail, Patience, cancellationToken);
            return _chain.Current is not null;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Writes <paramref name="record"/> and reads until it comes back: then everything before it is read too. Whether it counts, the chain says.</summary>
    public async Task<EpochChain> AppendAsync(EpochRecord record, CancellationToken cancellationToken)
    {
        await using var channel = await _connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
            cancellationToken);
        await channel.BasicPublishAsync("", BusNames.EpochStream, mandatory: true, record.ToUtf8(), cancellationToken);
        await UntilAsync(() => _names.Contains(record.Epoch), Timeout.InfiniteTimeSpan, cancellationToken);
        return _chain;
    }

    public async ValueTask DisposeAsync()
    {
        _ended.TrySetResult();
        await _channel.DisposeAsync();
    }

    private async Task UntilAsync(Func<bool> isReached, TimeSpan patience, CancellationToken cancellationToken)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_reading)
        {
            if (isReached())
            {
                return;
            }

            _awaited.Add((isReached, reached));
        }

        try
        {
            await Task.WhenAny(reached.Task, _ended.Task).WaitAsync(patience, _time, cancellationToken);
        }
        finally
        {
            lock (_reading)
            {
                _awaited.Remove((isReached, reached));
            }
        }

        if (!reached.Task.IsCompleted)
        {
            throw new BrokerUnavailableException("The epoch stream was deleted, or the connection lost, while it was read.");
        }
    }

    private void OnRecord(long offset, ReadOnlySpan<byte> body)
    {
        var before = _chain;
        lock (_reading)
        {
            if (EpochRecord.Parse(body) is { } record)
            {
                _names.Add(record.Epoch);
                _chain = before.Append(record);
            }

            _read = offset;
            foreach (var (isReached, reached) in _awaited)
            {
                if (isReached())
                {
                    reached.TrySetResult();
                }
            }
        }

        if (_chain != before)
        {
            Changed?.Invoke(_chain);
        }
    }

    private sealed class Consumer(EpochWatch watch, IChannel channel) : StreamSubscriber(channel)
    {
        protected override async Task OnRecordAsync(ulong deliveryTag, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        {
            watch.OnRecord(StreamOffset.Of(properties), body.Span);
            await Channel.BasicAckAsync(deliveryTag, multiple: false, cancellationToken);
        }

        protected override void OnEnded() => watch._ended.TrySetResult();
    }
}
