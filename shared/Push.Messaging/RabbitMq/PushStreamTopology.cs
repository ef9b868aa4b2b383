using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Push.Contracts;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Push.Messaging.RabbitMq;

/// <summary>Declares the exchange, the stream behind it, the binding and the epoch stream, and writes the epochs.</summary>
/// <remarks>
/// An existing stream is taken as it is: other retention settings than its own are no error (change them by policy).
/// <para>The protocol of the epochs:</para>
/// <list type="number">
/// <item>The epoch stream is only appended to, never deleted or replaced. <see cref="EpochChain"/> says which of its records count.</item>
/// <item>Who finds the stream missing takes the setup lock, looks again, appends a record that supersedes the current epoch, and only then declares the stream.</item>
/// <item>Who finds the epoch stream missing or saying nothing takes the lock too, and appends a record that supersedes none: behind a record that was there and slow to come, it counts for nothing.</item>
/// <item>A reader whose records are no longer in the stream appends a record that supersedes the epoch it found that in. Of several, the first counts.</item>
/// <item>Who has appended reads on until the record comes back: then it knows everything that came before.</item>
/// <item>Nothing is concluded from silence: a time-out is a reason to ask again.</item>
/// </list>
/// </remarks>
internal sealed partial class PushStreamTopology(IOptions<BusOptions> options, StreamMetrics metrics, TimeProvider time, ILogger<PushStreamTopology> logger)
{
    private static readonly TimeSpan SetupTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(100);

    private readonly BusOptions _options = options.Value;

    /// <summary>Creates what is missing. The epochs, read to the end; the caller disposes of them.</summary>
    /// <exception cref="BrokerUnavailableException">The broker did not answer in time.</exception>
    public Task<EpochWatch> EnsureAsync(IConnection connection, CancellationToken cancellationToken) =>
        WithinAsync(token => EnsureOnceAsync(connection, token), cancellationToken);

    /// <summary>
    /// Begins a new epoch because the stream does not hold what it held in <paramref name="stale"/>; does nothing where another process has begun it.
    /// </summary>
    /// <exception cref="BrokerUnavailableException">The broker did not answer in time.</exception>
    public Task RenewEpochAsync(EpochWatch epochs, string stale, long validFrom, EpochReason reason, CancellationToken cancellationToken) =>
        epochs.Epoch == stale
            ? WithinAsync(token => AppendAsync(epochs, EpochRecord.Begin(validFrom, reason, stale), token), cancellationToken)
            : Task.CompletedTask;

    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> act, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(SetupTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await act(either.Token);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new BrokerUnavailableException("The broker did not set up the stream in time.", e);
        }
    }

    private async Task<EpochWatch> EnsureOnceAsync(IConnection connection, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await FindAsync(connection, cancellationToken) is { } found)
            {
                await BindAsync(connection, cancellationToken);
                return found;
            }

            await using var setup = await SetupLock.TryTakeAsync(connection, cancellationToken);
            if (setup is not null)
            {
                // Whoever held the lock before may have created it all since the look above.
                var epochs = await FindAsync(connection, cancellationToken) ?? await CreateAsync(connection, cancellationToken);
                await BindAsync(connection, cancellationToken);
                return epochs;
            }

            await Task.Delay(LockPause, time, cancellationToken);
        }
    }

    /// <summary>Null where a stream is missing, or the epoch stream says nothing.</summary>
    private async Task<EpochWatch?> FindAsync(IConnection connection, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(connection, BusNames.PushStream, cancellationToken)
            || !await ExistsAsync(connection, BusNames.EpochStream, cancellationToken))
        {
            return null;
        }

        var epochs = await EpochWatch.OpenAsync(connection, time, cancellationToken);
        if (await epochs.TryReadToEndAsync(cancellationToken))
        {
            return epochs;
        }

        await epochs.DisposeAsync();
        return null;
    }

    private async Task<EpochWatch> CreateAsync(IConnection connection, CancellationToken cancellationToken)
    {
        var hasStream = await ExistsAsync(connection, BusNames.PushStream, cancellationToken);
        var hasEpochs = await ExistsAsync(connection, BusNames.EpochStream, cancellationToken);
        if (!hasEpochs)
        {
            await DeclareAsync(connection, BusNames.EpochStream, new() { ["x-queue-type"] = "stream" }, cancellationToken);
        }

        var epochs = await EpochWatch.OpenAsync(connection, time, cancellationToken);
        try
        {
            if (!hasEpochs || !await epochs.TryReadToEndAsync(cancellationToken))
            {
                var validFrom = hasStream ? await StreamTail.FindAsync(connection, BusNames.PushStream, time, cancellationToken) + 1 ?? 0 : 0;
                var first = EpochRecord.Begin(validFrom, EpochReason.Created, supersedes: null);
                hasEpochs = await AppendAsync(epochs, first, cancellationToken) != first;
            }

            if (!hasStream)
            {
                // The epoch comes first: whoever finds the stream finds its epoch too.
                while (hasEpochs)
                {
                    var next = EpochRecord.Begin(validFrom: 0, EpochReason.Created, epochs.Epoch);
                    hasEpochs = await AppendAsync(epochs, next, cancellationToken) != next;
                }

                await DeclareAsync(
                    connection,
                    BusNames.PushStream,
                    new()
                    {
                        ["x-queue-type"] = "stream",
                        ["x-max-age"] = $"{(long)_options.RetentionAge.TotalSeconds}s",
                        ["x-max-length-bytes"] = _options.RetentionBytes,
                        ["x-stream-max-segment-size-bytes"] = _options.SegmentBytes,
                    },
                    cancellationToken);
            }

            return epochs;
        }
        catch
        {
            await epochs.DisposeAsync();
            throw;
        }
    }

    /// <summary>What is current then: another record where that came first.</summary>
    private async Task<EpochRecord> AppendAsync(EpochWatch epochs, EpochRecord record, CancellationToken cancellationToken)
    {
        var chain = await epochs.AppendAsync(record, cancellationToken);
        if (chain.Current == record)
        {
            metrics.EpochBegun(record.Reason);
            if (record.Supersedes is null)
            {
                LogFirst(record.Epoch, record.ValidFrom);
            }
            else
            {
                LogNext(record.Epoch, record.Supersedes, record.Reason, record.ValidFrom);
            }
        }

        return chain.Current!;
    }

    private static async Task DeclareAsync(IConnection connection, string stream, Dictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(stream, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
    }

    private static async Task BindAsync(IConnection connection, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(BusNames.PushExchange, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(BusNames.PushStream, BusNames.PushExchange, routingKey: "", cancellationToken: cancellationToken);
    }

    private static async Task<bool> ExistsAsync(IConnection connection, string queue, CancellationToken cancellationToken)
    {
        // A channel of its own: the broker closes the channel of a passive declaration that fails.
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await channel.QueueDeclarePassiveAsync(queue, cancellationToken);
            return true;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason is { ReplyCode: Constants.NotFound } reason)
        {
            // The same code is given for a queue that exists on a node that is down: that one must not be replaced.
            if (!reason.ReplyText.Contains("no queue", StringComparison.Ordinal))
            {
                throw new BrokerUnavailableException($"The broker can't serve {queue}: {reason.ReplyText}", e);
            }

            return false;
        }
    }

    [LoggerMessage(EventIds.FirstEpochBegun, LogLevel.Information, "The stream begins epoch {Epoch}, valid from offset {ValidFrom}")]
    private partial void LogFirst(string epoch, long validFrom);

    [LoggerMessage(EventIds.NextEpochBegun, LogLevel.Warning, "The stream begins epoch {Epoch} after {Previous}: {Reason}, valid from offset {ValidFrom}")]
    private partial void LogNext(string epoch, string previous, EpochReason reason, long validFrom);
}

/// <summary>
/// A lock that one connection in the whole broker holds: an exclusive queue. It goes with its connection, so a crashed holder blocks
/// nobody for longer than the broker takes to notice.
/// </summary>
internal sealed class SetupLock : IAsyncDisposable
{
    private readonly IChannel _channel;

    private SetupLock(IChannel channel) => _channel = channel;

    /// <summary>Null while another connection holds the lock.</summary>
    public static async Task<SetupLock?> TryTakeAsync(IConnection connection, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await channel.QueueDeclareAsync(BusNames.SetupLock, durable: false, exclusive: true, autoDelete: false, cancellationToken: cancellationToken);
            return new SetupLock(channel);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.ResourceLocked)
        {
            await channel.DisposeAsync();
            return null;
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _channel.QueueDeleteAsync(BusNames.SetupLock);
        }
        catch (Exception e) when (e is RabbitMQClientException or OperationCanceledException or IOException)
        {
            // The connection is gone, and the lock with it.
        }

        await _channel.DisposeAsync();
    }
}
