using Push.Edge.Transports;

namespace Push.Benchmarks.Fanout;

/// <summary>Counts the writes, and how often the peer had to be waited for.</summary>
internal sealed class CountingTransport(IConnectionTransport transport) : IConnectionTransport
{
    public long Writes { get; private set; }

    public long Waits { get; private set; }

    public int Prefetch() => transport.Prefetch();

    public int Send(ReadOnlySpan<byte> bytes)
    {
        Writes++;
        return transport.Send(bytes);
    }

    public void AwaitRoom(bool awaits)
    {
        Waits += awaits ? 1 : 0;
        transport.AwaitRoom(awaits);
    }

    public void End() => transport.End();

    public void Abort() => transport.Abort();
}
