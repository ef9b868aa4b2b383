using MassTransit;
using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.Presence;
using Push.ServiceDefaults.Bus;

namespace Push.Sweeper;

/// <summary>One sweep over the work lists of all Edges. Any number of sweepers may do this at any time.</summary>
internal sealed class HeartbeatSweeper(PresenceStore store, IBus bus, IOptions<BusOptions> options, TimeProvider time)
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

    private async Task PublishAsync(EdgeInstance edge, IReadOnlyList<PresenceEntry> gone, CancellationToken cancellationToken)
    {
        // Cancelled rather than abandoned: a publish waits for a broker that is away, and the next sweep brings the same ones again.
        using var deadline = new CancellationTokenSource(options.Value.ConfirmTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await Task.WhenAll(gone.Select(entry => bus.Publish(
                new ConnectionExpired { EdgeId = edge.EdgeId, ConnectionId = entry.ConnectionId, TokenId = entry.TokenId }, either.Token)));
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested)
        {
            throw new BrokerUnavailableException("The broker did not take the expired connections in time.", e);
        }
    }
}
