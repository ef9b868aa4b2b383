using StackExchange.Redis;

namespace Push.Presence;

/// <summary>
/// The step that sweepers share, and that an Edge takes upon itself when they are late. Connections whose deadline has passed
/// go back on the work list; the ones whose session is over are handed over to be closed, in every sweep anew until their Edge
/// has removed them. So nothing is lost on the way to the Edge, and doing it twice does no harm.
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
    /// <param name="expire">Takes the connections that are to be closed.</param>
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
            var gone = page.Where(due => due is { IsKnown: true, Remaining: null }).Select(due => due.Entry).ToArray();
            if (gone.Length > 0 && await IsSteadyAsync(cancellationToken))
            {
                await expire(gone, cancellationToken);
                total += new SweepCount(0, gone.Length);
            }

            await PutBackAsync(edge, page, cancellationToken);
            total += new SweepCount(page.Length, 0);
            pageLength = page.Length;
        }
        while (pageLength == PageSize);

        await AskAsync(store => store.StringSetAsync(PresenceKeys.Swept(edge), 1, _sweepInterval * 2), cancellationToken);
        return total;
    }

    private Task<Due[]> LookAtDueAsync(EdgeInstance edge, long until, CancellationToken cancellationToken) => AskAsync(
        async store =>
        {
            var members = await store.SortedSetRangeByScoreAsync(PresenceKeys.Deadlines(edge), stop: until, take: PageSize);
            var looks = members.Select(member => (Entry: PresenceEntry.Parse(member.ToString()), Member: member))
                .Select(due => (due.Entry, due.Member, Reply: store.KeyTimeToLiveAsync(PresenceKeys.Alive(due.Entry.TokenId)))).ToArray();
            var all = Task.WhenAll(looks.Select(look => look.Reply));
            await ((Task)all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (looks.Length > 0 && looks.All(look => !look.Reply.IsCompletedSuccessfully))
            {
                await all;
            }

            var page = new List<Due>(looks.Length);
            foreach (var (entry, member, reply) in looks)
            {
                page.Add(reply.IsCompletedSuccessfully ? new Due(member, entry, IsKnown: true, await reply) : new Due(member, entry, IsKnown: false, null));
            }

            return page.ToArray();
        },
        cancellationToken);

    /// <summary>The living are due again when their session would end; the others at the next sweep, should they still be there.</summary>
    private Task PutBackAsync(EdgeInstance edge, Due[] page, CancellationToken cancellationToken) => TellAsync(
        async store =>
        {
            var now = await GetTimeAsync(store);
            var deadlines = page.Select(due => new SortedSetEntry(due.Member, now + Milliseconds(due.Remaining ?? _sweepInterval / 2))).ToArray();
            if (deadlines.Length > 0)
            {
                // Not those that were removed meanwhile.
                await store.SortedSetAddAsync(PresenceKeys.Deadlines(edge), deadlines, SortedSetWhen.Exists);
            }
        },
        cancellationToken);

    /// <summary>One answer that fails says nothing about its session, and must not keep the sweep from the others.</summary>
    private readonly record struct Due(RedisValue Member, PresenceEntry Entry, bool IsKnown, TimeSpan? Remaining);
}
