using Push.Contracts;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Push.ServiceDefaults.Bus;

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
