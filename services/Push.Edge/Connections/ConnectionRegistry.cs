using System.Diagnostics.CodeAnalysis;

namespace Push.Edge.Connections;

/// <summary>The live connections of this Edge, by id.</summary>
internal sealed class ConnectionRegistry
{
    public int Count => throw new NotImplementedException();

    public bool TryGet(string connectionId, [NotNullWhen(true)] out Connection? connection) => throw new NotImplementedException();
}
