using Push.Contracts;
using Push.Edge.Connections;
using Push.Edge.Fanout;
using Push.Presence;

namespace Push.Edge.Liveness;

/// <summary>Takes the sweep of this Edge's own connections upon itself when no sweeper has come by for two intervals. Not thread-safe.</summary>
internal sealed partial class FallbackSweep(PresenceStore store, ConnectionRegistry connections, EventLoops loops, TimeProvider time, ILogger<FallbackSweep> logger)
{
    private readonly RetryPause _pause = store.CreatePause();
    private long _failedAt;
    private TimeSpan _pauseLength;

    public async Task SweepIfLateAsync(EdgeInstance edge, CancellationToken cancellationToken)
    {
        if (_pauseLength > TimeSpan.Zero && time.GetElapsedTime(_failedAt) < _pauseLength)
        {
            return;
        }

        try
        {
            if (!await store.WasSweptAsync(edge, cancellationToken))
            {
                var count = await store.SweepAsync(edge, Close, cancellationToken);
                LogSwept(logger, count.Expired);
            }

            _pauseLength = TimeSpan.Zero;
            _pause.Reset();
        }
        catch (PresenceUnavailableException)
        {
            // The store's pulse has logged it. Everybody who is due stays on the list.
            (_failedAt, _pauseLength) = (time.GetTimestamp(), _pause.Next());
        }
    }

    private Task Close(IReadOnlyList<PresenceEntry> gone, CancellationToken cancellationToken)
    {
        foreach (var entry in gone)
        {
            if (ConnectionId.TryParse(entry.ConnectionId, out var id) && connections.TryGet(id, out var connection))
            {
                loops.Close(connection, CloseReason.HeartbeatTimeout);
            }
        }

        return Task.CompletedTask;
    }

    [LoggerMessage(EventIds.FallbackSwept, LogLevel.Warning, "No sweeper has come by for two intervals, so this Edge swept its own connections: {Expired} had fallen silent.")]
    private static partial void LogSwept(ILogger logger, int expired);
}
