using Push.Edge.Connections;

namespace Push.Benchmarks.Fanout;

/// <summary>Counts the writes that go straight out, and those that had to wait.</summary>
internal sealed class CountingSink(IConnectionSink sink) : IConnectionSink
{
    public long Writes { get; private set; }

    public long Waits { get; private set; }

    public int Touch() => sink.Touch();

    public bool TryWrite(ReadOnlySpan<byte> bytes, out int taken)
    {
        Writes++;
        return sink.TryWrite(bytes, out taken);
    }

    public ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        Waits++;
        return sink.WriteAsync(bytes);
    }

    public void End() => sink.End();

    public void Abort() => sink.Abort();
}
