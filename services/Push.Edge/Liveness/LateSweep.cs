using Push.Contracts;
using Push.Edge.Connections;
using Push.Presence;

namespace Push.Edge.Liveness;

/// <summary>Takes the sweep of this Edge's own connections upon itself when no sweeper has come by for two intervals.</summary>
internal sealed partial class LateSweep(PresenceStore store, ConnectionRegistry connections, ILogger<LateSweep> logger)
{
    public async Task SweepIfLateAsync(EdgeInstance edge, CancellationToken cancellationToken)
    {
        if (!await store.WasSweptAsync(edge, cancellationToken))
        {
            var count = await store.SweepAsync(edge, Close, cancellationToken);
            LogSwept(logger, count.Expired);
        }
    }

    private Task Close(IReadOnlyList<PresenceEntry> gone, CancellationToken cancellationToken)
    {
        foreach (var entry in gone)
        {
            if (connections.TryGet(entry.ConnectionId, out var connection))
            {
                connection.Close(CloseReason.HeartbeatTimeout);
            }
        }

        return Task.CompletedTask;
    }
}
