using Push.Contracts;
using Push.Messaging.ControlBus;
using Push.Presence;

namespace Push.Sweeper;

/// <summary>One sweep over the work lists of all Edges. Any number of sweepers may do this at any time.</summary>
internal sealed class HeartbeatSweeper(PresenceStore store, IControlBus bus)
{
    /// <summary>Tells the Edges which of their connections have fallen silent.</summary>
    /// <exception cref="PresenceUnavailableException">The store failed: what is left is looked at in the next sweep.</exception>
    public async Task<SweepCount> SweepOnceAsync(CancellationToken cancellationToken)
    {
        var total = default(SweepCount);
        PresenceUnavailableException? failure = null;
        foreach (var edge in await store.GetEdgesAsync(cancellationToken))
        {
            try
            {
                total += await SweepEdgeAsync(edge, cancellationToken);
            }
            catch (PresenceUnavailableException e)
            {
                // The lists of the other Edges may be on nodes that are well.
                failure = e;
            }
        }

        return failure is null ? total : throw failure;
    }

    private async Task<SweepCount> SweepEdgeAsync(EdgeInstance edge, CancellationToken cancellationToken)
    {
        if (!await store.IsEdgeAliveAsync(edge, cancellationToken))
        {
            await store.CloseEdgeAsync(edge, cancellationToken);
            return default;
        }

        return await store.TryClaimSweepAsync(edge, cancellationToken)
            ? await store.SweepAsync(edge, (gone, token) => PublishAsync(edge, gone, token), cancellationToken)
            : default;
    }

    /// <summary>Where the broker does not take them, the next sweep brings the same ones again.</summary>
    private Task PublishAsync(EdgeInstance edge, IReadOnlyList<PresenceEntry> gone, CancellationToken cancellationToken) => bus.PublishAsync(
        [.. gone.Select(entry => new ConnectionExpired { EdgeId = edge.EdgeId, ConnectionId = entry.ConnectionId, TokenId = entry.TokenId })],
        cancellationToken);
}
