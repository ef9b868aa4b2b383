using System.Threading.Channels;

namespace Push.Edge.Connections;

/// <summary>
/// Takes note of who connects, changes rooms and leaves, for the presence store to be told in batches behind the handshakes. Bounded: what no longer fits
/// is forgotten, and everybody is registered anew instead.
/// </summary>
internal sealed class PresenceRegistrar
{
    /// <summary>Some seconds of the fastest reconnect storm.</summary>
    private const int Capacity = 65_536;

    private readonly Channel<PresenceChange> _changes = Channel.CreateBounded<PresenceChange>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private int _hasForgotten;

    /// <summary>Queues the rooms of a connection that has opened, or whose rooms have changed. Never blocks.</summary>
    public void Register(Connection connection) => Note(new PresenceChange(connection, connection.Rooms));

    /// <summary>Queues the removal of a closed connection, which <see cref="ConnectionRegistry"/> no longer holds. Never blocks.</summary>
    public void Unregister(Connection connection) => Note(new PresenceChange(connection, Rooms: null));

    /// <summary>The oldest change that nobody has taken yet.</summary>
    public bool TryTake(out PresenceChange change) => _changes.Reader.TryRead(out change);

    /// <summary>Whether changes were forgotten since the last call.</summary>
    public bool TakeForgotten() => Interlocked.Exchange(ref _hasForgotten, 0) != 0;

    private void Note(PresenceChange change)
    {
        if (!_changes.Writer.TryWrite(change))
        {
            Volatile.Write(ref _hasForgotten, 1);
        }
    }
}

/// <summary>A connection and the rooms that it is in now.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="Rooms">Null where it has left.</param>
internal readonly record struct PresenceChange(Connection Connection, string[]? Rooms);
