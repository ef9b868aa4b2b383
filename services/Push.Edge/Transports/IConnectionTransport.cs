namespace Push.Edge.Transports;

/// <summary>Where a connection's bytes go. The loop that owns the connection calls it, and nobody else.</summary>
internal interface IConnectionTransport
{
    /// <summary>How long a peer that does not read may hold up its last bytes, the close frame.</summary>
    static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Reads what <see cref="Send"/> will read first, so that the processor has it by then. The result means nothing.</summary>
    int Prefetch() => 0;

    /// <summary>Takes as many bytes as fit without waiting and returns how many: 0 where the peer does not read, less than 0 where it is gone.</summary>
    int Send(ReadOnlySpan<byte> bytes);

    /// <summary>Whether the loop wants to be told that there is room again.</summary>
    void AwaitRoom(bool awaits);

    /// <summary>All is written: closes in good order. Comes once, or <see cref="Abort"/> does.</summary>
    void End();

    /// <summary>Cuts the transport: what the peer has not received is lost.</summary>
    void Abort();
}
