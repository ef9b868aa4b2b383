using StackExchange.Redis;

namespace Push.Presence;

/// <summary>Who is connected where. Counted from what the living Edges wrote, at most some seconds ago; a crashed Edge counts until its keys run out.</summary>
public sealed partial class PresenceStore
{
    /// <summary>Connections by Edge.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CountConnectionsAsync(CancellationToken cancellationToken)
    {
        var edges = await GetEdgesAsync(cancellationToken);
        var counts = await AskAsync(
            store => Task.WhenAll(edges.Select(edge => store.SortedSetLengthAsync(PresenceKeys.Deadlines(edge)))), cancellationToken);
        return edges.Zip(counts).GroupBy(edge => edge.First.EdgeId).ToDictionary(edge => edge.Key, edge => edge.Sum(count => count.Second));
    }

    /// <summary>Connections in a room, on all Edges.</summary>
    public async Task<long> CountConnectionsAsync(string roomId, CancellationToken cancellationToken)
    {
        var edges = await GetEdgesAsync(cancellationToken);
        var counts = await AskAsync(
            store => Task.WhenAll(edges.Select(edge => store.HashGetAsync(PresenceKeys.EdgeRooms(edge), roomId))), cancellationToken);
        return counts.Sum(count => count.TryParse(out long number) ? number : 0);
    }

    /// <summary>Logged-in users with a connection, each once. Reads all of their ids: for administration.</summary>
    public async Task<int> CountUsersAsync(CancellationToken cancellationToken)
    {
        var edges = await GetEdgesAsync(cancellationToken);
        var users = await AskAsync(
            store => Task.WhenAll(edges.Select(edge => store.HashKeysAsync(PresenceKeys.EdgeUsers(edge)))), cancellationToken);
        return users.SelectMany(edge => edge).Distinct().Count();
    }
}
