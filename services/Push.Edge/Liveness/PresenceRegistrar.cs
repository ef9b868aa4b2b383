using Push.Edge.Connections;

namespace Push.Edge.Liveness;

/// <summary>Writes who is connected to the presence store, in batches behind the handshakes; registers everybody anew when the store has lost its state.</summary>
internal sealed class PresenceRegistrar
{
    /// <summary>Queues the registration of an opened connection. Never blocks.</summary>
    public void Register(Connection connection) => throw new NotImplementedException();

    /// <summary>Queues the removal of a closed connection. Never blocks.</summary>
    public void Unregister(Connection connection) => throw new NotImplementedException();
}
