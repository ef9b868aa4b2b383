using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Push.Edge.Telemetry;
using Push.Edge.Transports.Sockets;

namespace Push.Edge.Connections;

/// <summary>The live connections of this Edge by id, for other threads than their loops: who is here, and how many more may come.</summary>
internal sealed class ConnectionRegistry(PresenceRegistrar presence, EdgeReadiness readiness, EdgeMetrics metrics, SocketLimit sockets, IOptions<EdgeOptions> options)
{
    private readonly ConcurrentDictionary<ConnectionId, Connection> _connections = new();
    private int _count;

    /// <summary>How many there may be: as configured, and no more than the limit of open files allows.</summary>
    public int Limit { get; } = Math.Min(options.Value.MaxConnections, sockets.Max);

    public int Count => Volatile.Read(ref _count);

    public bool IsFull => Count >= Limit;

    /// <summary>The connections at some moment during the enumeration: others may come and go meanwhile.</summary>
    public IEnumerable<Connection> Connections => _connections.Select(entry => entry.Value);

    /// <summary>Counts a connection and registers its presence. False at the limit of connections, and once the drain has begun.</summary>
    public bool TryAdd(Connection connection)
    {
        if (Interlocked.Increment(ref _count) > Limit)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        _connections[connection.Id] = connection;

        // The handshake was decided on earlier. The drain says that it has begun and then looks who is here; this connection is entered and then looks
        // whether it has: one of the two sees the other, so that nobody is here whom the drain does not tell.
        Interlocked.MemoryBarrier();
        if (readiness.IsDraining)
        {
            _connections.TryRemove(connection.Id, out _);
            Interlocked.Decrement(ref _count);
            return false;
        }

        presence.Register(connection);
        metrics.ConnectionOpened();
        return true;
    }

    /// <summary>A connection has changed its rooms.</summary>
    public void Changed(Connection connection) => presence.Register(connection);

    /// <summary>The connection has ended.</summary>
    public void Remove(Connection connection)
    {
        if (_connections.TryRemove(connection.Id, out _))
        {
            Interlocked.Decrement(ref _count);
            presence.Unregister(connection);
            metrics.ConnectionClosed(connection.CloseReason!);
        }
    }

    public bool TryGet(ConnectionId id, [NotNullWhen(true)] out Connection? connection) => _connections.TryGetValue(id, out connection);
}
