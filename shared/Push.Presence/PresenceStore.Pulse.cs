namespace Push.Presence;

/// <summary>
/// Liveness keys run out while the store is paused or cut off, and heartbeats have had no way to prevent it. So everybody
/// leaves a mark in the store about every second; a gap between two marks, or a failed command, starts a grace period of one
/// time-out for all. It is written before the next mark: whoever reads first the key, then the mark, then the grace key finds
/// either a grace period, or a store that was there all the time.
/// </summary>
public sealed partial class PresenceStore
{
    private int _failuresForgiven;

    internal TimeSpan PulseInterval => _timeout / 30;

    private TimeSpan PulseTolerance => _timeout / 6;

    /// <summary>Leaves the mark, and grants the grace period where it is due.</summary>
    internal async Task PulseAsync(CancellationToken cancellationToken)
    {
        var failures = Failures;
        var now = await AskAsync(GetTimeAsync, cancellationToken);
        if (failures != _failuresForgiven || !await HasPulseAsync(now, cancellationToken))
        {
            await AskAsync(store => store.StringSetAsync(PresenceKeys.Grace, 1, _timeout), cancellationToken);
            _failuresForgiven = failures;
        }

        await AskAsync(store => store.StringSetAsync(PresenceKeys.Pulse, now), cancellationToken);
    }

    /// <summary>Whether a liveness key that was found missing before this call is missing because nobody sent a heartbeat.</summary>
    private async Task<bool> IsSteadyAsync(CancellationToken cancellationToken)
    {
        var now = await AskAsync(GetTimeAsync, cancellationToken);
        return await HasPulseAsync(now, cancellationToken)
            && !await AskAsync(store => store.KeyExistsAsync(PresenceKeys.Grace), cancellationToken);
    }

    private async Task<bool> HasPulseAsync(long now, CancellationToken cancellationToken)
    {
        var last = await AskAsync(store => store.StringGetAsync(PresenceKeys.Pulse), cancellationToken);
        return last.TryParse(out long milliseconds) && Math.Abs(now - milliseconds) <= PulseTolerance.TotalMilliseconds;
    }
}
