namespace Push.Edge.Transports;

/// <summary>Where a connection's bytes go. The connection never overlaps two writes; <see cref="End"/> and <see cref="Abort"/> may come at any time.</summary>
internal interface IConnectionTransport
{
    /// <summary>How long a peer that does not read may hold up its last bytes, the close frame.</summary>
    static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Reads what <see cref="TryWrite"/> will read first, so that the processor has it by then. The result means nothing.</summary>
    int Prefetch() => 0;

    /// <summary>Takes as many bytes as fit without waiting: none where the peer does not read. False when the peer is gone.</summary>
    bool TryWrite(ReadOnlySpan<byte> bytes, out int taken);

    /// <summary>Waits until all <paramref name="bytes"/> are taken. False when the peer is gone.</summary>
    ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>All is written: makes the read loop return, so that the transport closes in good order.</summary>
    void End();

    /// <summary>Cuts the transport; what the peer has not received is lost. May come after the transport has ended.</summary>
    void Abort();

    /// <summary>Returns when no write uses the transport any more and none will: its owner may take it down. Comes last.</summary>
    ValueTask SettleAsync() => ValueTask.CompletedTask;
}
