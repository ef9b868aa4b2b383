using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Push.Auth.Tokens;
using Push.Edge.Fanout;
using Push.Edge.Lifecycle;
using Push.Edge.Liveness;

namespace Push.Edge.Connections;

/// <summary>The live connections of this Edge, by id.</summary>
internal sealed class ConnectionRegistry(FanoutShards shards, ConnectionTerms terms, PresenceRegistrar presence, EdgeReadiness readiness, IOptions<EdgeOptions> options)
{
    private readonly ConcurrentDictionary<string, Connection> _connections = new(StringComparer.Ordinal);
    private readonly int _maxConnections = options.Value.MaxConnections;
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>The connections at some moment during the enumeration: others may come and go meanwhile.</summary>
    public IEnumerable<Connection> Connections => _connections.Select(entry => entry.Value);

    /// <summary>
    /// Admits a connection: counts it, joins its rooms, registers its presence. What is published from here on waits until <see cref="Connection.Start"/>.
    /// False at the limit of connections, and once the drain has begun.
    /// </summary>
    public bool TryOpen(SessionToken session, string[] rooms, [NotNullWhen(true)] out Connection? connection, bool takesDeflate = false)
    {
        connection = null;
        if (Interlocked.Increment(ref _count) > _maxConnections)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        connection = new Connection(session, rooms, shards.Next(), terms, takesDeflate);
        _connections[connection.Id] = connection;

        // The handshake was decided on earlier. The drain says that it has begun and then looks who is here; this connection is entered and then looks
        // whether it has: one of the two sees the other, so that nobody is here whom the drain does not tell.
        Interlocked.MemoryBarrier();
        if (readiness.IsDraining)
        {
            _connections.TryRemove(connection.Id, out _);
            Interlocked.Decrement(ref _count);
            connection = null;
            return false;
        }

        connection.Shard.Join(connection);
        presence.Register(connection);
        terms.Metrics.ConnectionOpened();
        return true;
    }

    /// <summary>Takes the connection out of everything. Its reason stays; without one it was lost. Idempotent.</summary>
    public void Remove(Connection connection)
    {
        if (!_connections.TryRemove(connection.Id, out _))
        {
            return;
        }

        connection.Shard.Leave(connection);
        connection.Detach();
        Interlocked.Decrement(ref _count);
        presence.Unregister(connection);
        terms.Metrics.ConnectionClosed(connection.CloseReason!);
    }

    public bool TryGet(string connectionId, [NotNullWhen(true)] out Connection? connection) => _connections.TryGetValue(connectionId, out connection);
}
