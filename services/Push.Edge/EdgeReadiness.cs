namespace Push.Edge;

/// <summary>Whether this Edge takes new connections. Written by the stream's reader and by the drain, read by handshakes and health.</summary>
internal sealed class EdgeReadiness
{
    private volatile bool _isAttached;
    private volatile bool _hasBeenAttached;
    private volatile bool _isDraining;

    /// <summary>The reader is at the stream, and the Edge stays.</summary>
    public bool IsReady => _isAttached && !_isDraining;

    public bool IsDraining => _isDraining;

    /// <summary>
    /// Whether an upgrade is accepted. Once the reader has been at the stream it reads on from its own offset after a
    /// loss of the broker, so a connection made meanwhile misses nothing.
    /// </summary>
    public bool AcceptsConnections => _hasBeenAttached && !_isDraining;

    /// <summary>The reader has attached to the stream.</summary>
    public void StreamAttached()
    {
        _isAttached = true;
        _hasBeenAttached = true;
    }

    /// <summary>The reader has lost the stream and tries to attach again.</summary>
    public void StreamLost() => _isAttached = false;

    /// <summary>The Edge stops: no way back.</summary>
    public void BeginDrain()
    {
        _isDraining = true;

        // Before any look at the connections, see ConnectionRegistry.TryAdd.
        Interlocked.MemoryBarrier();
    }
}
