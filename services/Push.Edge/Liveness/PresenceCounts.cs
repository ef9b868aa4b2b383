using Push.Edge.Connections;
using Push.Presence;

namespace Push.Edge.Liveness;

/// <summary>
/// The connections that the store has been told of, by room and by logged-in user. Counts leave here as they are, not as
/// differences, so that a batch that is written twice does no harm. Not thread-safe.
/// </summary>
internal sealed class PresenceCounts
{
    private readonly Dictionary<Connection, string[]> _connections = [];
    private readonly Dictionary<string, int> _rooms = [];
    private readonly Dictionary<string, int> _users = [];

    /// <summary>Connections that the store has been told of.</summary>
    public int Connections => _connections.Count;

    /// <summary>Adds to <paramref name="batch"/> what the change means for the store: nothing, if it is known already.</summary>
    /// <param name="change">Who came, changed rooms or left.</param>
    /// <param name="batch">To add it to.</param>
    /// <param name="isKept">Who came is no newcomer, but registered anew.</param>
    public void Apply(PresenceChange change, PresenceBatch batch, bool isKept = false)
    {
        var (connection, rooms) = change;
        var wasKnown = _connections.Remove(connection, out var before);
        if (rooms is not null)
        {
            _connections.Add(connection, rooms);
        }

        foreach (var left in (before ?? []).Except(rooms ?? []))
        {
            batch.Rooms[left] = Count(_rooms, left, -1);
        }

        foreach (var joined in (rooms ?? []).Except(before ?? []))
        {
            batch.Rooms[joined] = Count(_rooms, joined, 1);
        }

        var isKnown = rooms is not null;
        if (isKnown == wasKnown)
        {
            return;
        }

        (isKept ? batch.Kept : isKnown ? batch.Opened : batch.Closed).Add(new PresenceEntry(connection.Id.ToString(), connection.Session.TokenId));
        if (connection.Session is { IsLogin: true, UserId: { } userId })
        {
            batch.Users[userId] = Count(_users, userId, isKnown ? 1 : -1);
        }
    }

    public void Clear()
    {
        _connections.Clear();
        _rooms.Clear();
        _users.Clear();
    }

    private static int Count(Dictionary<string, int> counts, string key, int step)
    {
        var count = counts.GetValueOrDefault(key) + step;
        if (count > 0)
        {
            counts[key] = count;
        }
        else
        {
            counts.Remove(key);
        }

        return count;
    }
}
