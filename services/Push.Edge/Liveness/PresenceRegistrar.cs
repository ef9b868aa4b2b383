using System.Threading.Channels;
using Push.Edge.Connections;

namespace Push.Edge.Liveness;

/// <summary>
/// Takes note of who connects and who leaves, for the presence store to be told in batches behind the handshakes. Bounded:
/// what no longer fits is forgotten, and everybody is registered anew instead.
/// </summary>
internal sealed class PresenceRegistrar
{
    /// <summary>Some seconds of the fastest reconnect storm.</summary>
    private const int Capacity = 65_536;

    private readonly Channel<PresenceChange> _changes = Channel.CreateBounded<PresenceChange>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private int _hasForgotten;

    /// <summary>Queues the registration of an opened connection. Never blocks.</summary>
    public void Register(Connection connection) => Note(new PresenceChange(connection, IsOpen: true));

    /// <summary>Queues the removal of a closed connection, which <see cref="ConnectionRegistry"/> no longer holds. Never blocks.</summary>
    public void Unregister(Connection connection) => Note(new PresenceChange(connection, IsOpen: false));

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
