using Push.Edge.Transports;

namespace Push.Benchmarks.Fanout;

/// <summary>Counts the writes that go straight out, and those that had to wait.</summary>
internal sealed class CountingTransport(IConnectionTransport transport) : IConnectionTransport
{
    public long Writes { get; private set; }

    public long Waits { get; private set; }

    public int Prefetch() => transport.Prefetch();

    public bool TryWrite(ReadOnlySpan<byte> bytes, out int taken)
    {
        Writes++;
        return transport.TryWrite(bytes, out taken);
    }

    public ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        Waits++;
        return transport.WriteAsync(bytes);
    }

    public void End() => transport.End();

    public void Abort() => transport.Abort();
}
