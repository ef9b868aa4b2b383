using Microsoft.Extensions.Options;
using Push.Edge.Connections;
using Push.Presence;

namespace Push.Edge.Liveness;

/// <summary>
/// Tells the presence store what the registrar has noted, a step at a time, and keeps this Edge's generation alive. Whenever
/// the store may have lost something (it failed, it does not know the generation, the registrar forgot something), it
/// registers everybody anew under a new generation, and whatever the old one held runs out. Not thread-safe.
/// </summary>
internal sealed partial class PresenceWriter(
    PresenceStore store,
    PresenceRegistrar registrar,
    ConnectionRegistry connections,
    LateSweep lateSweep,
    IOptions<EdgeOptions> options,
    TimeProvider time,
    ILogger<PresenceWriter> logger)
{
    private const int BatchSize = 1_000;

    private readonly PresenceCounts _counts = new();
    private readonly long _start = time.GetTimestamp();
    private EdgeInstance? _edge;
    private int _failures;
    private bool _isLost = true;
    private TimeSpan _rebuildAt;
    private TimeSpan _refreshAt;

    /// <summary>Monotonic: the machine's clock may be set while connections live.</summary>
    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Does what is due. To be called about every 100 ms.</summary>
    /// <exception cref="PresenceUnavailableException">The store failed: later steps make up for it.</exception>
    public async Task StepAsync(CancellationToken cancellationToken)
    {
        var now = Now;
        if (!_isLost && (registrar.TakeForgotten() | store.Failures != _failures))
        {
            Lose(now);
        }

        if (_isLost)
        {
            if (now >= _rebuildAt)
            {
                _rebuildAt = now + Jitter();
                await RebuildAsync(cancellationToken);
            }

            return;
        }

        await WriteQueuedAsync(cancellationToken);
        if (now >= _refreshAt)
        {
            _refreshAt = now + store.RefreshInterval;
            await RefreshAsync(now, cancellationToken);
        }
    }

    /// <summary>Takes everything of this Edge out of the store.</summary>
    public Task CloseAsync(CancellationToken cancellationToken) =>
        _edge is { } edge ? store.CloseEdgeAsync(edge, cancellationToken) : Task.CompletedTask;

    private void Lose(TimeSpan now)
    {
        // Not at once: every Edge has noticed the same thing.
        _isLost = true;
        _rebuildAt = now + Jitter();
        LogLost(logger);
    }

    private TimeSpan Jitter() => store.RefreshInterval * Random.Shared.NextDouble();

    private async Task WriteQueuedAsync(CancellationToken cancellationToken)
    {
        PresenceBatch batch;
        do
        {
            batch = new PresenceBatch();
            while (batch.Count < BatchSize && registrar.TryTake(out var change))
            {
                _counts.Apply(change, batch);
            }

            await WriteAsync(_edge!.Value, batch, cancellationToken);
        }
        while (batch.Count == BatchSize);
    }

    private Task WriteAsync(EdgeInstance edge, PresenceBatch batch, CancellationToken cancellationToken) =>
        batch.Count > 0 ? store.WriteAsync(edge, batch, cancellationToken) : Task.CompletedTask;

    private async Task RefreshAsync(TimeSpan now, CancellationToken cancellationToken)
    {
        if (await store.RefreshEdgeAsync(_edge!.Value, cancellationToken))
        {
            await lateSweep.SweepIfLateAsync(_edge.Value, cancellationToken);
        }
        else
        {
            Lose(now);
        }
    }

    private async Task RebuildAsync(CancellationToken cancellationToken)
    {
        var failures = store.Failures;
        var next = EdgeInstance.Next(options.Value.Id);
        var isFirst = _edge is null;

        // What is queued is either in the registry or gone; what is queued from here on is looked at afterwards, and known already or not.
        while (registrar.TryTake(out _))
        {
        }

        _counts.Clear();
        await store.OpenEdgeAsync(next, cancellationToken);
        var total = 0;
        foreach (var page in connections.Connections.Chunk(BatchSize))
        {
            var batch = new PresenceBatch();
            foreach (var connection in page)
            {
                _counts.Apply(new PresenceChange(connection, IsOpen: true), batch);
            }

            await WriteAsync(next, batch, cancellationToken);
            total += batch.Count;
        }

        await CloseAsync(cancellationToken);
        (_edge, _failures, _isLost) = (next, failures, false);
        _refreshAt = Now + store.RefreshInterval;
        if (!isFirst)
        {
            LogRebuilt(logger, total);
        }
    }
}
