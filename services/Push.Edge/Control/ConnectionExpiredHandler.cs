using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.Edge.Connections;
using Push.Edge.Fanout;
using Push.Messaging.ControlBus;
using Push.Presence;

namespace Push.Edge.Control;

/// <summary>Closes a connection that a sweeper found silent, unless a heartbeat has come after all.</summary>
internal sealed class ConnectionExpiredHandler(PresenceStore store, ConnectionRegistry connections, EventLoops loops, IOptions<EdgeOptions> options)
    : IControlHandler<ConnectionExpired>
{
    public async Task HandleAsync(ConnectionExpired expired, CancellationToken cancellationToken)
    {
        if (expired.EdgeId != options.Value.Id || !ConnectionId.TryParse(expired.ConnectionId, out var id) || !connections.TryGet(id, out var connection))
        {
            return;
        }

        try
        {
            if (await store.GetRemainingAsync(connection.Session.TokenId, cancellationToken) is null)
            {
                loops.Close(connection, CloseReason.HeartbeatTimeout);
            }
        }
        catch (PresenceUnavailableException)
        {
            // Nothing is known, so nobody is closed. The connection is still on the work list: the next sweep says the same if it is true.
        }
    }
}
