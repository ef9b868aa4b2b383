using Microsoft.Extensions.Options;

namespace Push.Edge.Fanout;

/// <summary>All shards of this Edge. A connection stays in the one that it was given.</summary>
internal sealed class FanoutShards(IOptions<FanoutOptions> options, BatchPool pool, TimeProvider time)
{
    private readonly FanoutShard[] _shards = [.. Enumerable.Range(0, options.Value.ShardCount).Select(_ => new FanoutShard(options.Value, pool, time))];
    private int _next = -1;

    public ReadOnlySpan<FanoutShard> All => _shards;

    /// <summary>The shard of the next connection: one after the other.</summary>
    public FanoutShard Next() => _shards[(uint)Interlocked.Increment(ref _next) % (uint)_shards.Length];

    /// <summary>Rooms with members, each once in however many shards they are. Puts them together: for who collects metrics, not more often.</summary>
    public int CountRooms()
    {
        var rooms = new HashSet<string>(StringComparer.Ordinal);
        foreach (var shard in _shards)
        {
            rooms.UnionWith(shard.ListRooms());
        }

        return rooms.Count;
    }
}
