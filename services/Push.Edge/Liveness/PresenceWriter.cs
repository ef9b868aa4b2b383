using Microsoft.Extensions.Options;
using Push.Edge.Connections;
using Push.Presence;

namespace Push.Edge.Liveness;

/// <summary>
/// Tells the presence store what the registrar has noted, a step at a time, and keeps this Edge's generation alive. Not thread-safe.
/// A batch that failed is written again after a pause, and only what is missing of it. Where the store has lost what it had taken
/// (it does not know the generation or its last batch) or the registrar forgot something, everybody is registered anew under a new
/// generation: a page at each step, between the newcomers, and a failure goes on from where it came. Whatever the old one held runs out.
/// </summary>
internal sealed partial class PresenceWriter(
    PresenceStore store,
    PresenceRegistrar registrar,
    ConnectionRegistry connections,
    FallbackSweep fallbackSweep,
    IOptions<EdgeOptions> options,
    TimeProvider time,
    ILogger<PresenceWriter> logger)
{
    private const int BatchSize = 1_000;

    /// <summary>Connections registered anew in a step: 5,000 a second, so that a store that has just started gets no burst from every Edge.</summary>
    private const int PageSize = 500;

    private readonly PresenceCounts _counts = new();
    private readonly RetryPause _pause = store.CreatePause();
    private readonly long _start = time.GetTimestamp();
    private EdgeInstance? _edge;
    private EdgeInstance? _former;
    private PresenceBatch? _unwritten;
    private Connection[] _kept = [];
    private int _keptNext;
    private int _keptTotal;
    private long _writtenNumber;
    private bool _isLost = true;
    private TimeSpan _notBefore;
    private TimeSpan _refreshAt;

    /// <summary>Monotonic: the machine's clock may be set while connections live.</summary>
    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Does what is due. To be called about every 100 ms.</summary>
    /// <exception cref="PresenceUnavailableException">The store failed: later steps make up for it, after a pause.</exception>
    public async Task StepAsync(CancellationToken cancellationToken)
    {
        if (registrar.TakeForgotten())
        {
            Lose();
        }

        if (Now < _notBefore)
        {
            return;
        }

        try
        {
            await GoOnAsync(cancellationToken);
        }
        catch (PresenceUnavailableException)
        {
            _notBefore = Now + _pause.Next();
            throw;
        }
    }

    /// <summary>Takes everything of this Edge out of the store.</summary>
    public Task CloseAsync(CancellationToken cancellationToken) =>
        _edge is { } edge ? store.CloseEdgeAsync(edge, cancellationToken) : Task.CompletedTask;

    private async Task GoOnAsync(CancellationToken cancellationToken)
    {
        if (_isLost)
        {
            await BeginAnewAsync(cancellationToken);
        }

        PresenceBatch batch;
        do
        {
            batch = _unwritten ??= NextBatch();
            if (batch.Count > 0 || batch.Rooms.Count > 0)
            {
                if (!await store.WriteAsync(_edge!.Value, batch, cancellationToken))
                {
                    Lose();
                    return;
                }

                _writtenNumber = batch.Number;
                _pause.Reset();
            }

            _unwritten = null;
        }
        while (batch.Count == BatchSize);

        if (_keptNext == _kept.Length && _keptNext > 0)
        {
            await EndAnewAsync(cancellationToken);
        }

        if (Now >= _refreshAt)
        {
            await RefreshAsync(cancellationToken);
        }
    }

    /// <summary>Newcomers and leavers first; then, in what room there is, a page of those that are registered anew.</summary>
    private PresenceBatch NextBatch()
    {
        var batch = new PresenceBatch { Number = _writtenNumber + 1 };
        for (var changes = 0; changes < BatchSize && registrar.TryTake(out var change); changes++)
        {
            _counts.Apply(change, batch);
        }

        for (var page = 0; page < PageSize && batch.Count < BatchSize && _keptNext < _kept.Length; page++)
        {
            // Whoever has left was taken out of the registry before that was noted: here, or when the note comes.
            var connection = _kept[_keptNext++];
            if (connections.TryGet(connection.Id, out _))
            {
                _counts.Apply(new PresenceChange(connection, connection.Rooms), batch, isKept: true);
                _keptTotal++;
            }
        }

        return batch;
    }

    private void Lose()
    {
        // Not at once: every Edge has noticed the same thing. And later each time, where the store loses it again and again.
        _isLost = true;
        var pause = _pause.Next();
        var spread = store.RefreshInterval * Random.Shared.NextDouble();
        _notBefore = Now + (pause > spread ? pause : spread);
        LogLost(logger);
    }

    private async Task BeginAnewAsync(CancellationToken cancellationToken)
    {
        var next = EdgeInstance.Next(options.Value.Id);
        await store.OpenEdgeAsync(next, cancellationToken);

        // What is queued is either in the registry or gone; what is queued from here on is looked at afterwards, and known already or not.
        while (registrar.TryTake(out _))
        {
        }

        _counts.Clear();
        (_former, _edge) = (_edge ?? _former, next);
        (_unwritten, _kept, _keptNext, _keptTotal, _writtenNumber) = (null, [.. connections.Connections], 0, 0, 0);
        _isLost = false;
        _refreshAt = Now + store.RefreshInterval;
    }

    private async Task EndAnewAsync(CancellationToken cancellationToken)
    {
        if (_former is { } former)
        {
            await store.CloseEdgeAsync(former, cancellationToken);
            LogRebuilt(logger, _keptTotal);
        }

        (_former, _kept, _keptNext) = (null, [], 0);
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (!await store.RefreshEdgeAsync(_edge!.Value, _writtenNumber, _counts.Connections, cancellationToken))
        {
            Lose();
            return;
        }

        _refreshAt = Now + store.RefreshInterval;
        _pause.Reset();
        await fallbackSweep.SweepIfLateAsync(_edge.Value, cancellationToken);
    }

    [LoggerMessage(EventIds.PresenceLost, LogLevel.Warning, "The presence store has lost what this Edge wrote, or more came and left than could be noted. Every connection stays, and is registered anew.")]
    private static partial void LogLost(ILogger logger);

    [LoggerMessage(EventIds.PresenceRebuilt, LogLevel.Information, "Registered {Connections} connections anew with the presence store, each with a fresh deadline.")]
    private static partial void LogRebuilt(ILogger logger, int connections);
}
