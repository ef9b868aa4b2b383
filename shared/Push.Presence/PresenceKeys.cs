using StackExchange.Redis;

namespace Push.Presence;

/// <summary>The names in the store, in one place. Braces are hash tags: in a cluster they keep the keys of one subject together and spread the subjects.</summary>
internal static class PresenceKeys
{
    /// <summary>Set of the <see cref="EdgeInstance"/>s that have registered connections.</summary>
    public static RedisKey Edges { get; } = "push:edges";

    /// <summary>When somebody last reached the store, in its own milliseconds.</summary>
    public static RedisKey Pulse { get; } = "push:{store}:pulse";

    /// <summary>There while nobody may be closed, because the store has been away.</summary>
    public static RedisKey Grace { get; } = "push:{store}:grace";

    /// <summary>There while the session lives; its time to live is the truth about it.</summary>
    public static RedisKey Alive(string tokenId) => $"push:{{{tokenId}}}:alive";

    /// <summary>Sorted set of an Edge's connections: the work list of sweeps. The score is the next look, in the store's milliseconds.</summary>
    public static RedisKey Deadlines(EdgeInstance edge) => $"push:deadlines:{{{edge}}}";

    /// <summary>There while the Edge lives. Whoever finds it missing knows that the Edge's other keys mean nothing any more.</summary>
    public static RedisKey EdgeAlive(EdgeInstance edge) => $"push:edges:{{{edge}}}:alive";

    /// <summary>Hash of an Edge's rooms: connections in each.</summary>
    public static RedisKey EdgeRooms(EdgeInstance edge) => $"push:edges:{{{edge}}}:rooms";

    /// <summary>Hash of an Edge's logged-in users: connections of each.</summary>
    public static RedisKey EdgeUsers(EdgeInstance edge) => $"push:edges:{{{edge}}}:users";

    /// <summary>There while one sweeper has taken this Edge's work list upon itself.</summary>
    public static RedisKey SweepClaim(EdgeInstance edge) => $"push:edges:{{{edge}}}:claim";

    /// <summary>There while the last sweep of this Edge's work list is recent.</summary>
    public static RedisKey Swept(EdgeInstance edge) => $"push:edges:{{{edge}}}:swept";
}
