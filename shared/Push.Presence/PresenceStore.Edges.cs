using StackExchange.Redis;

namespace Push.Presence;

/// <summary>
/// What an Edge writes lives in keys of its generation, all of which run out soon after it stops refreshing them.
/// </summary>
public sealed partial class PresenceStore
{
    /// <summary>How often an Edge has to call <see cref="RefreshEdgeAsync"/>.</summary>
    public TimeSpan RefreshInterval => _timeout / 10;

    private TimeSpan EdgeLifetime => _timeout / 2;

    /// <summary>Begins a generation.</summary>
    public Task OpenEdgeAsync(EdgeInstance edge, CancellationToken cancellationToken) => TellAsync(
        store => Task.WhenAll(
            store.StringSetAsync(PresenceKeys.EdgeAlive(edge), 1, EdgeLifetime),
            store.StringSetAsync(PresenceKeys.Swept(edge), 1, _sweepInterval * 2),
            store.SetAddAsync(PresenceKeys.Edges, edge.ToString())),
        cancellationToken);

    /// <summary>Keeps a generation for a while.</summary>
    /// <returns>False where the store has lost it: nothing of what was written is there any more.</returns>
    public Task<bool> RefreshEdgeAsync(EdgeInstance edge, CancellationToken cancellationToken) => AskAsync(
        async store =>
        {
            var isThere = store.StringSetAsync(PresenceKeys.EdgeAlive(edge), 1, EdgeLifetime, When.Exists);
            await Task.WhenAll(isThere, store.SetAddAsync(PresenceKeys.Edges, edge.ToString()), ExtendAsync(store, edge));
            return await isThere;
        },
        cancellationToken);

    /// <summary>Removes a generation with everything in it.</summary>
    public Task CloseEdgeAsync(EdgeInstance edge, CancellationToken cancellationToken) => TellAsync(
        store => Task.WhenAll(
            store.SetRemoveAsync(PresenceKeys.Edges, edge.ToString()),
            store.KeyDeleteAsync(PresenceKeys.EdgeAlive(edge)),
            store.KeyDeleteAsync(PresenceKeys.Deadlines(edge)),
            store.KeyDeleteAsync(PresenceKeys.EdgeRooms(edge)),
            store.KeyDeleteAsync(PresenceKeys.EdgeUsers(edge)),
            store.KeyDeleteAsync(PresenceKeys.SweepClaim(edge)),
            store.KeyDeleteAsync(PresenceKeys.Swept(edge))),
        cancellationToken);

    /// <summary>Writes what changed on an Edge: one round trip for the time, one for all the rest.</summary>
    public Task WriteAsync(EdgeInstance edge, PresenceBatch batch, CancellationToken cancellationToken) => TellAsync(
        async store =>
        {
            var now = await GetTimeAsync(store);
            var deadlines = batch.Opened.Select(entry => new SortedSetEntry(entry.ToString(), now + Milliseconds(_timeout))).ToArray();
            var closed = batch.Closed.Select(entry => (RedisValue)entry.ToString()).ToArray();

            // The order matters: a connection that opened and closed within the batch ends removed.
            List<Task> replies = [.. batch.Opened.Select(entry => store.StringSetAsync(PresenceKeys.Alive(entry.TokenId), 1, _timeout))];
            replies.Add(deadlines.Length > 0 ? store.SortedSetAddAsync(PresenceKeys.Deadlines(edge), deadlines) : Task.CompletedTask);
            replies.Add(closed.Length > 0 ? store.SortedSetRemoveAsync(PresenceKeys.Deadlines(edge), closed) : Task.CompletedTask);
            replies.Add(WriteCountsAsync(store, PresenceKeys.EdgeRooms(edge), batch.Rooms));
            replies.Add(WriteCountsAsync(store, PresenceKeys.EdgeUsers(edge), batch.Users));
            replies.Add(ExtendAsync(store, edge));
            await Task.WhenAll(replies);
        },
        cancellationToken);

    /// <summary>Rounded up, and never none: a deadline does not pass before the key that it stands for has run out.</summary>
    private static double Milliseconds(TimeSpan span) => Math.Max(1, Math.Ceiling(span.TotalMilliseconds));

    private static Task WriteCountsAsync(IDatabase store, RedisKey key, Dictionary<string, int> counts)
    {
        var present = counts.Where(count => count.Value > 0).Select(count => new HashEntry(count.Key, count.Value)).ToArray();
        var absent = counts.Where(count => count.Value <= 0).Select(count => (RedisValue)count.Key).ToArray();
        return Task.WhenAll(
            present.Length > 0 ? store.HashSetAsync(key, present) : Task.CompletedTask,
            absent.Length > 0 ? store.HashDeleteAsync(key, absent) : Task.CompletedTask);
    }

    private async Task ExtendAsync(IDatabase store, EdgeInstance edge) => await Task.WhenAll(
        store.KeyExpireAsync(PresenceKeys.Deadlines(edge), EdgeLifetime),
        store.KeyExpireAsync(PresenceKeys.EdgeRooms(edge), EdgeLifetime),
        store.KeyExpireAsync(PresenceKeys.EdgeUsers(edge), EdgeLifetime));
}
