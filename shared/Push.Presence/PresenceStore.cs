using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Push.Presence;

/// <summary>
/// Who is connected and who is alive, over Redis or anything that speaks its protocol (no scripts, streams or keyspace
/// notifications are used). The only clock is the store's own. See docs/adr/0006-liveness.md.
/// </summary>
public sealed partial class PresenceStore
{
    /// <summary>The client has a time-out of its own for each command, looked at once a second; this one holds where that fails too.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    private readonly IConnectionMultiplexer _redis;
    private readonly TimeSpan _timeout;
    private readonly TimeSpan _sweepInterval;
    private int _failures;

    internal PresenceStore(IConnectionMultiplexer redis, IOptions<LivenessOptions> options)
    {
        _redis = redis;
        _timeout = options.Value.HeartbeatTimeout;
        _sweepInterval = options.Value.SweepInterval;

        // A replica that takes over may lack the last writes, even where no command failed.
        _redis.ConnectionFailed += (_, _) => Interlocked.Increment(ref _failures);
    }

    /// <summary>How often the store has failed this process: each time, nobody may be closed for a while.</summary>
    internal int Failures => Volatile.Read(ref _failures);

    /// <summary>Pauses for whoever writes or sweeps after this store has failed.</summary>
    public RetryPause CreatePause() => new(_timeout / 100, _timeout / 5);

    /// <summary>Keeps every connection of a session alive for one more time-out: one command, whatever their number.</summary>
    /// <exception cref="PresenceUnavailableException">It could not be recorded.</exception>
    public Task HeartbeatAsync(string tokenId, CancellationToken cancellationToken) =>
        AskAsync(store => store.StringSetAsync(PresenceKeys.Alive(tokenId), 1, _timeout), cancellationToken);

    /// <summary>The time left to a session; null where it is over for certain. Right after the store has been away nothing is certain, and a whole time-out is left.</summary>
    /// <exception cref="PresenceUnavailableException">The store did not say.</exception>
    public async Task<TimeSpan?> GetRemainingAsync(string tokenId, CancellationToken cancellationToken)
    {
        var remaining = await AskAsync(store => store.KeyTimeToLiveAsync(PresenceKeys.Alive(tokenId)), cancellationToken);
        return remaining is null && !await IsSteadyAsync(cancellationToken) ? _timeout : remaining;
    }

    /// <summary>Whether the store answers.</summary>
    /// <exception cref="PresenceUnavailableException">It does not.</exception>
    public Task PingAsync(CancellationToken cancellationToken) => AskAsync(store => store.PingAsync(), cancellationToken);

    private static async Task<long> GetTimeAsync(IDatabase store)
    {
        var time = await store.ExecuteAsync("TIME"); // seconds, microseconds
        return ((long)time[0] * 1_000) + ((long)time[1] / 1_000);
    }

    private async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(_redis.GetDatabase()).WaitAsync(AnswerLimit, cancellationToken);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            Interlocked.Increment(ref _failures);
            throw new PresenceUnavailableException("The presence store did not answer.", e);
        }
    }

    private async Task TellAsync(Func<IDatabase, Task> tell, CancellationToken cancellationToken) => await AskAsync(
        async store =>
        {
            await tell(store);
            return true;
        },
        cancellationToken);
}
