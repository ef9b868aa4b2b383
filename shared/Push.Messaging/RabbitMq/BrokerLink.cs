using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace Push.Messaging.RabbitMq;

/// <summary>
/// Keeps one connection to the broker up for as long as the service runs: connects, makes sure that the stream exists, hands both to a
/// session, and starts again when that ends.
/// </summary>
/// <remarks>
/// RabbitMQ.Client's own recovery is off: it would re-create consumers at the offset they were first given, and it knows nothing of epochs.
/// </remarks>
internal sealed partial class BrokerLink(
    BrokerAddress address,
    PushStreamTopology topology,
    IOptions<BusOptions> options,
    TimeProvider time,
    ILogger<BrokerLink> logger)
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);

    // What ends after this long did work: it is reported anew, and the first attempt after it is made at once.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(5);

    // The broker's own limit rules: a body above the client's would end the connection again after each reconnect.
    private const uint MaxBodyBytes = 512u << 20;

    /// <summary>
    /// Runs one <paramref name="session"/> after the other until <paramref name="stopping"/>. A session gets the connection, the stream's
    /// epochs, and a token that is cancelled when the connection is lost or the epoch stream deleted; its end ends the connection.
    /// </summary>
    public async Task RunAsync(string name, Func<IConnection, EpochWatch, CancellationToken, Task> session, CancellationToken stopping)
    {
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            var started = time.GetTimestamp();
            try
            {
                await RunOnceAsync(name, session, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                failures = time.GetElapsedTime(started) > Settled ? 0 : failures;
                LogFailure(name, failures, e);
            }

            failures++;
            await PauseAsync(failures, stopping);
        }
    }

    private async Task RunOnceAsync(string name, Func<IConnection, EpochWatch, CancellationToken, Task> session, CancellationToken stopping)
    {
        var factory = CreateFactory(name);
        await address.ApplyAsync(factory, stopping);
        var connection = await factory.CreateConnectionAsync(stopping);
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        try
        {
            connection.ConnectionShutdownAsync += (_, _) => lost.CancelAsync();
            var epochs = await topology.EnsureAsync(connection, lost.Token);
            var ending = EndWithAsync(epochs, lost);
            LogConnected(name, address, epochs.Epoch);
            try
            {
                await session(connection, epochs, lost.Token);
            }
            finally
            {
                await epochs.DisposeAsync();
                await ending;
            }
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            throw new BrokerUnavailableException(connection.CloseReason is { } reason
                ? $"The connection to the broker was lost: {reason.ReplyText}"
                : "The epoch stream was deleted.");
        }
        finally
        {
            await connection.AbortAsync(CloseTimeout);
            await connection.DisposeAsync();
        }
    }

    private static async Task EndWithAsync(EpochWatch epochs, CancellationTokenSource session)
    {
        await epochs.Ended;
        await session.CancelAsync();
    }

    private async Task PauseAsync(int failures, CancellationToken stopping)
    {
        var delay = FirstDelay * Math.Pow(2, Math.Min(failures - 1, 10));
        delay = delay < options.Value.ReconnectDelay ? delay : options.Value.ReconnectDelay;
        try
        {
            await Task.Delay(delay * (0.75 + (Random.Shared.NextDouble() / 4)), time, stopping);
        }
        catch (OperationCanceledException)
        {
            // The loop ends on the same token.
        }
    }

    private ConnectionFactory CreateFactory(string name) => new()
    {
        ClientProvidedName = $"{AppDomain.CurrentDomain.FriendlyName} {name}",
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        RequestedHeartbeat = options.Value.Heartbeat,
        RequestedConnectionTimeout = ConnectTimeout,
        HandshakeContinuationTimeout = ConnectTimeout,
        ContinuationTimeout = options.Value.ConfirmTimeout,
        MaxInboundMessageBodySize = MaxBodyBytes,
    };

    private void LogFailure(string name, int failures, Exception e)
    {
        if (failures == 0)
        {
            LogLost(e, name, address);
        }
        else
        {
            LogStillLost(name, address, e.Message);
        }
    }

    [LoggerMessage(EventIds.BrokerConnected, LogLevel.Information, "{Link} is connected to {Broker}; the stream's epoch is {Epoch}")]
    private partial void LogConnected(string link, BrokerAddress broker, string epoch);

    [LoggerMessage(EventIds.BrokerLost, LogLevel.Warning, "{Link} has no connection to {Broker}: trying again")]
    private partial void LogLost(Exception exception, string link, BrokerAddress broker);

    [LoggerMessage(EventIds.BrokerStillLost, LogLevel.Debug, "{Link} still has no connection to {Broker}: {Reason}")]
    private partial void LogStillLost(string link, BrokerAddress broker, string reason);
}
