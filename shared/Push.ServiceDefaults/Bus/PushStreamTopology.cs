using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Push.Contracts;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Push.ServiceDefaults.Bus;

/// <summary>
/// Declares the exchange, the stream behind it and the binding, and knows the stream's epoch: the one record of a second stream that is
/// made anew whenever the first one is.
/// </summary>
/// <remarks>An existing stream is taken as it is: other retention settings than its own are no error (change them by policy).</remarks>
public sealed partial class PushStreamTopology(IOptions<BusOptions> options, TimeProvider time, ILogger<PushStreamTopology> logger)
{
    private static readonly TimeSpan SetupTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(100);

    private readonly BusOptions _options = options.Value;

    /// <summary>Creates what is missing. The stream's epoch.</summary>
    /// <exception cref="BrokerUnavailableException">The broker did not answer in time.</exception>
    public Task<string> EnsureAsync(IConnection connection, CancellationToken cancellationToken) =>
        SetUpAsync(connection, staleEpoch: null, cancellationToken);

    /// <summary>
    /// Begins a new epoch because the stream does not hold what it held in <paramref name="staleEpoch"/>. The stream's epoch: another
    /// process may have begun it already.
    /// </summary>
    /// <exception cref="BrokerUnavailableException">The broker did not answer in time.</exception>
    public Task<string> RenewEpochAsync(IConnection connection, string staleEpoch, CancellationToken cancellationToken) =>
        SetUpAsync(connection, staleEpoch, cancellationToken);

    private async Task<string> SetUpAsync(IConnection connection, string? staleEpoch, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(SetupTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            while (true)
            {
                if (await FindEpochAsync(connection, staleEpoch, either.Token) is { } epoch)
                {
                    await BindAsync(connection, either.Token);
                    return epoch;
                }

                await using var setup = await SetupLock.TryTakeAsync(connection, either.Token);
                if (setup is not null)
                {
                    // Whoever held the lock before may have created it all since the look above.
                    return await FindEpochAsync(connection, staleEpoch, either.Token) ?? await CreateAsync(connection, either.Token);
                }

                await Task.Delay(LockPause, time, either.Token);
            }
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested)
        {
            throw new BrokerUnavailableException("The broker did not set up the stream in time.", e);
        }
    }

    /// <summary>The epoch if stream and epoch stream are both there and the epoch is not the stale one.</summary>
    private async Task<string?> FindEpochAsync(IConnection connection, string? staleEpoch, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(connection, BusNames.PushStream, cancellationToken)
            || !await ExistsAsync(connection, BusNames.EpochStream, cancellationToken))
        {
            return null;
        }

        var epoch = await EpochRecord.ReadAsync(connection, time, cancellationToken);
        return epoch == staleEpoch ? null : epoch;
    }

    private async Task<string> CreateAsync(IConnection connection, CancellationToken cancellationToken)
    {
        // The epoch comes first: whoever finds the stream finds its epoch too.
        await using (var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken))
        {
            await channel.QueueDeleteAsync(BusNames.EpochStream, cancellationToken: cancellationToken);
            await channel.QueueDeclareAsync(
                BusNames.EpochStream,
                durable: true,
                exclusive: false,
                autoDelete: false,
                new Dictionary<string, object?> { ["x-queue-type"] = "stream" },
                cancellationToken: cancellationToken);
        }

        var epoch = await EpochRecord.WriteAsync(connection, cancellationToken);
        if (!await ExistsAsync(connection, BusNames.PushStream, cancellationToken))
        {
            await DeclareStreamAsync(connection, cancellationToken);
        }

        await BindAsync(connection, cancellationToken);
        Log.Created(logger, epoch);
        return epoch;
    }

    private async Task DeclareStreamAsync(IConnection connection, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(
            BusNames.PushStream,
            durable: true,
            exclusive: false,
            autoDelete: false,
            new Dictionary<string, object?>
            {
                ["x-queue-type"] = "stream",
                ["x-max-age"] = $"{(long)_options.RetentionAge.TotalSeconds}s",
                ["x-max-length-bytes"] = _options.RetentionBytes,
                ["x-stream-max-segment-size-bytes"] = _options.SegmentBytes,
            },
            cancellationToken: cancellationToken);
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
}
