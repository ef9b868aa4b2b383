using StackExchange.Redis;

namespace Push.Presence;

/// <summary>
/// The step that sweepers share, and that an Edge takes upon itself when they are late: the connections whose deadline has
/// passed either go back on the work list, or are handed over to be closed and then removed. Nothing is lost in between, and
/// doing it twice does no harm.
/// </summary>
public sealed partial class PresenceStore
{
    private const int PageSize = 1_000;

    /// <summary>The generations that have registered connections; some of them may be gone.</summary>
    public async Task<IReadOnlyList<EdgeInstance>> GetEdgesAsync(CancellationToken cancellationToken)
    {
        var members = await AskAsync(store => store.SetMembersAsync(PresenceKeys.Edges), cancellationToken);
        return [.. members.Select(member => EdgeInstance.TryParse(member, out var edge) ? edge : null).OfType<EdgeInstance>()];
    }

    /// <summary>Whether a generation is being refreshed.</summary>
    public Task<bool> IsEdgeAliveAsync(EdgeInstance edge, CancellationToken cancellationToken) =>
        AskAsync(store => store.KeyExistsAsync(PresenceKeys.EdgeAlive(edge)), cancellationToken);

    /// <summary>Takes an Edge's work list for this interval. Sweepers share the work this way; it rests on nothing if two of them take the same one.</summary>
    public Task<bool> TryClaimSweepAsync(EdgeInstance edge, CancellationToken cancellationToken) =>
        AskAsync(store => store.StringSetAsync(PresenceKeys.SweepClaim(edge), 1, _sweepInterval * 0.8, When.NotExists), cancellationToken);

    /// <summary>Whether an Edge's work list was swept to its end within the last two intervals.</summary>
    public Task<bool> WasSweptAsync(EdgeInstance edge, CancellationToken cancellationToken) =>
        AskAsync(store => store.KeyExistsAsync(PresenceKeys.Swept(edge)), cancellationToken);

    /// <summary>Looks at every connection of <paramref name="edge"/> whose deadline has passed.</summary>
    /// <param name="edge">Whose work list.</param>
    /// <param name="expire">Takes connections that are to be closed. They stay on the list, for the next sweep, if it throws.</param>
    /// <param name="cancellationToken">Ends it between two pages.</param>
    /// <exception cref="PresenceUnavailableException">The store failed: nobody was closed on the strength of that.</exception>
    public async Task<SweepCount> SweepAsync(
        EdgeInstance edge, Func<IReadOnlyList<PresenceEntry>, CancellationToken, Task> expire, CancellationToken cancellationToken)
    {
        var total = default(SweepCount);
        var until = await AskAsync(GetTimeAsync, cancellationToken);
        int pageLength;
        do
        {
            var page = await LookAtDueAsync(edge, until, cancellationToken);
            var gone = page.Where(due => due.Remaining is null).ToArray();
            if (gone.Length > 0)
            {
                if (!await IsSteadyAsync(cancellationToken))
                {
                    return total;
                }

                await expire([.. gone.Select(due => due.Entry)], cancellationToken);
                await AskAsync(store => store.SortedSetRemoveAsync(PresenceKeys.Deadlines(edge), [.. gone.Select(due => due.Member)]), cancellationToken);
            }

            total += new SweepCount(page.Length, gone.Length);
            pageLength = page.Length;
        }
        while (pageLength == PageSize);

        await AskAsync(store => store.StringSetAsync(PresenceKeys.Swept(edge), 1, _sweepInterval * 2), cancellationToken);
        return total;
    }

    /// <summary>Reads a page of the work list, and puts the living back at the time that is left to them.</summary>
    private Task<Due[]> LookAtDueAsync(EdgeInstance edge, long until, CancellationToken cancellationToken) => AskAsync(
        async store =>
        {
            var members = await store.SortedSetRangeByScoreAsync(PresenceKeys.Deadlines(edge), stop: until, take: PageSize);
            var time = GetTimeAsync(store);
            var page = await Task.WhenAll(members.Select(member => LookAsync(store, member)));
            var now = await time;
            var alive = page.Where(due => due.Remaining is not null).Select(due => Deadline(due.Entry, now, due.Remaining!.Value)).ToArray();
            if (alive.Length > 0)
            {
                // Not those that were closed meanwhile.
                await store.SortedSetAddAsync(PresenceKeys.Deadlines(edge), alive, SortedSetWhen.Exists);
            }

            return page;
        },
        cancellationToken);

    private static async Task<Due> LookAsync(IDatabase store, RedisValue member)
    {
        var entry = PresenceEntry.Parse(member.ToString());
        return new Due(member, entry, await store.KeyTimeToLiveAsync(PresenceKeys.Alive(entry.TokenId)));
    }

    private readonly record struct Due(RedisValue Member, PresenceEntry Entry, TimeSpan? Remaining);
}
