using Push.Edge.Connections;
using Push.Presence;

namespace Push.Edge.Liveness;

/// <summary>
/// The connections that the store has been told of, by room and by logged-in user. Counts leave here as they are, not as
/// differences, so that a batch that is written twice does no harm. Not thread-safe.
/// </summary>
internal sealed class PresenceCounts
{
    private readonly HashSet<Connection> _connections = [];
    private readonly Dictionary<string, int> _rooms = [];
    private readonly Dictionary<string, int> _users = [];

    /// <summary>Connections that the store has been told of.</summary>
    public int Connections => _connections.Count;

    /// <summary>Adds to <paramref name="batch"/> what the change means for the store: nothing, if it is known already.</summary>
    /// <param name="change">Who came or left.</param>
    /// <param name="batch">To add it to.</param>
    /// <param name="isKept">Who came is no newcomer, but registered anew.</param>
    public void Apply(PresenceChange change, PresenceBatch batch, bool isKept = false)
    {
        var (connection, isOpen) = change;
        if (isOpen ? !_connections.Add(connection) : !_connections.Remove(connection))
        {
            return;
        }

        (isKept ? batch.Kept : isOpen ? batch.Opened : batch.Closed).Add(new PresenceEntry(connection.Id, connection.Session.TokenId));
        var step = isOpen ? 1 : -1;
        foreach (var room in connection.Rooms)
        {
            batch.Rooms[room] = Count(_rooms, room, step);
        }

        if (connection.Session is { IsLogin: true, UserId: { } userId })
        {
            batch.Users[userId] = Count(_users, userId, step);
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
