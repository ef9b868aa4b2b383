using StackExchange.Redis;

namespace Push.Presence;

/// <summary>The names in the store, in one place. Braces are hash tags: they spread keys over a cluster, or keep them together.</summary>
internal static class PresenceKeys
{
    /// <summary>There while the session lives; its time to live is the truth about it.</summary>
    public static RedisKey Alive(string tokenId) => $"push:{{{tokenId}}}:alive";
}
