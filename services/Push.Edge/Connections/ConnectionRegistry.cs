using System.Diagnostics.CodeAnalysis;
using Push.Tokens;

namespace Push.Edge.Connections;

/// <summary>The live connections of this Edge, by id.</summary>
internal sealed class ConnectionRegistry
{
    public int Count => throw new NotImplementedException();

    /// <summary>
    /// Admits a connection: counts it, joins its rooms, registers its presence. What is published from here on waits until <see cref="Connection.Start"/>.
    /// False at the limit of connections.
    /// </summary>
    public bool TryOpen(SessionToken session, string[] rooms, [NotNullWhen(true)] out Connection? connection) => throw new NotImplementedException();

    /// <summary>Takes the connection out of everything. Its reason stays; without one it was lost. Idempotent.</summary>
    public void Remove(Connection connection) => throw new NotImplementedException();

    public bool TryGet(string connectionId, [NotNullWhen(true)] out Connection? connection) => throw new NotImplementedException();

    /// <summary>The connections at some moment during the enumeration: others may come and go meanwhile.</summary>
    public IEnumerable<Connection> Connections => throw new NotImplementedException();
}
