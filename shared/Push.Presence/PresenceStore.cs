using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Push.Presence;

/// <summary>Who is connected and who is alive, over Redis or anything that speaks its protocol.</summary>
public sealed partial class PresenceStore
{
    private readonly IConnectionMultiplexer _redis;
    private readonly TimeSpan _timeout;

    internal PresenceStore(IConnectionMultiplexer redis, IOptions<LivenessOptions> options)
    {
        _redis = redis;
        _timeout = options.Value.HeartbeatTimeout;
    }

    private IDatabase Database => _redis.GetDatabase();

    /// <summary>Keeps every connection of a session alive for one more time-out: one command, whatever their number.</summary>
    /// <exception cref="PresenceUnavailableException">It could not be recorded.</exception>
    public async Task HeartbeatAsync(string tokenId, CancellationToken cancellationToken)
    {
        try
        {
            await Database.StringSetAsync(PresenceKeys.Alive(tokenId), 1, _timeout).WaitAsync(cancellationToken);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            throw new PresenceUnavailableException("The heartbeat was not recorded.", e);
        }
    }
}
