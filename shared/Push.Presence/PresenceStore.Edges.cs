using System.Diagnostics;
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
            store.StringSetAsync(PresenceKeys.EdgeAlive(edge), 0, EdgeLifetime),
            store.StringSetAsync(PresenceKeys.Swept(edge), 1, _sweepInterval * 2),
            store.SetAddAsync(PresenceKeys.Edges, edge.ToString())),
        cancellationToken);

    /// <summary>Keeps a generation for a while.</summary>
    /// <param name="edge">The generation.</param>
    /// <param name="number">Of the last batch that was written without a failure.</param>
    /// <param name="connections">How many this Edge has told of: where there are some, its work list can't be empty.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where the store has lost something: it was emptied, restored from an older copy, or replaced by a replica that lacks the last writes.</returns>
    public Task<bool> RefreshEdgeAsync(EdgeInstance edge, long number, int connections, CancellationToken cancellationToken) => AskAsync(
        async store =>
        {
            var last = store.StringGetAsync(PresenceKeys.EdgeAlive(edge));
            var count = store.SortedSetLengthAsync(PresenceKeys.Deadlines(edge));
            await Task.WhenAll(
                [
                    last,
                    count,
                    store.SetAddAsync(PresenceKeys.Edges, edge.ToString()),
                    .. Extensions(edge).Select(extension => extension.Extend(store)),
                    store.KeyExpireAsync(PresenceKeys.EdgeAlive(edge), EdgeLifetime),
                ]);

            // A sweep may have taken some of them off the list whose end this Edge has yet to hear of: only an empty list tells.
            return (await last).TryParse(out long written) && written >= number && (await count > 0 || connections == 0);
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

    /// <summary>Writes what changed on an Edge: one round trip for the time, one for all the rest. What the store has taken of it is not sent again.</summary>
    /// <returns>False where the store has lost the generation.</returns>
    /// <exception cref="PresenceUnavailableException">Some of it was not written. Writing the same batch again sends what is missing.</exception>
    public async Task<bool> WriteAsync(EdgeInstance edge, PresenceBatch batch, CancellationToken cancellationToken)
    {
        batch.Time ??= (await AskAsync(GetTimeAsync, cancellationToken), Stopwatch.GetTimestamp());
        var now = batch.Time.Value.Milliseconds + (long)Stopwatch.GetElapsedTime(batch.Time.Value.ToldAt).TotalMilliseconds;
        var isThere = false;
        await TellAsync(
            async store =>
            {
                List<(string Name, Task Reply)> sent = [];
                void Send(string name, bool isNeeded, Func<Task> send)
                {
                    if (isNeeded && !batch.Written.Contains(name))
                    {
                        sent.Add((name, send()));
                    }
                }

                foreach (var entry in batch.Opened)
                {
                    Send($"session {entry.TokenId}", true, () => store.StringSetAsync(PresenceKeys.Alive(entry.TokenId), 1, _timeout));
                }

                HashSet<PresenceEntry> closed = [.. batch.Closed];
                SortedSetEntry[] deadlines = [.. batch.Opened.Concat(batch.Kept).Where(entry => !closed.Contains(entry))
                    .Select(entry => new SortedSetEntry(entry.ToString(), now + Milliseconds(_timeout)))];
                Send("deadlines", deadlines.Length > 0, () => store.SortedSetAddAsync(PresenceKeys.Deadlines(edge), deadlines));
                Send("closed", closed.Count > 0, () => store.SortedSetRemoveAsync(PresenceKeys.Deadlines(edge), [.. closed.Select(entry => (RedisValue)entry.ToString())]));
                Send("rooms", batch.Rooms.Count > 0, () => WriteCountsAsync(store, PresenceKeys.EdgeRooms(edge), batch.Rooms));
                Send("users", batch.Users.Count > 0, () => WriteCountsAsync(store, PresenceKeys.EdgeUsers(edge), batch.Users));
                foreach (var (name, extend) in Extensions(edge))
                {
                    Send(name, true, () => extend(store));
                }

                // The last one, and only where the key is there: whoever finds it knows that the store got what was sent before.
                var mark = store.StringSetAsync(PresenceKeys.EdgeAlive(edge), batch.Number, EdgeLifetime, When.Exists);
                await Task.WhenAll([.. sent.Select(part => part.Reply), mark]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                batch.Written.UnionWith(sent.Where(part => part.Reply.IsCompletedSuccessfully).Select(part => part.Name));
                await Task.WhenAll(sent.Select(part => part.Reply));
                isThere = await mark;
            },
            cancellationToken);
        return isThere;
    }

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

    /// <summary>A little longer than the key that stands for all of them, so that none of them is missing while that one is there.</summary>
    private IEnumerable<(string Name, Func<IDatabase, Task> Extend)> Extensions(EdgeInstance edge) =>
        new[] { PresenceKeys.Deadlines(edge), PresenceKeys.EdgeRooms(edge), PresenceKeys.EdgeUsers(edge) }
            .Select(key => ($"life of {key}", (Func<IDatabase, Task>)(store => store.KeyExpireAsync(key, EdgeLifetime + RefreshInterval))));
}
