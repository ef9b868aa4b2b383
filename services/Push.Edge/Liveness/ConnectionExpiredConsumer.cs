using MassTransit;
using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.Edge.Connections;
using Push.Presence;

namespace Push.Edge.Liveness;

/// <summary>Closes a connection that a sweeper found silent, unless a heartbeat has come after all.</summary>
internal sealed class ConnectionExpiredConsumer(PresenceStore store, ConnectionRegistry connections, IOptions<EdgeOptions> options)
    : IConsumer<ConnectionExpired>
{
    public async Task Consume(ConsumeContext<ConnectionExpired> context)
    {
        var expired = context.Message;
        if (expired.EdgeId != options.Value.Id || !connections.TryGet(expired.ConnectionId, out var connection))
        {
            return;
        }

        try
        {
            if (await store.GetRemainingAsync(connection.Session.TokenId, context.CancellationToken) is null)
            {
                connection.Close(CloseReason.HeartbeatTimeout);
            }
        }
        catch (PresenceUnavailableException)
        {
            // Nothing is known, so nobody is closed. The connection is still on the work list: the next sweep says the same if it is true.
        }
    }
}
