using Push.Edge.Fanout;

namespace Push.Edge.Connections;

/// <summary>
/// What waits for one connection: references to shared batches, the first of them perhaps partly written. Exists only while something waits.
/// Guarded by the connection's lock.
/// </summary>
internal sealed class SendQueue
{
    // What an entry costs beyond its bytes: a peer that does not read must not collect tiny pongs without end.
    private const int EntryCost = 64;

    private readonly Queue<Batch> _batches = new(1);
    private int _headOffset;

    /// <summary>What it holds, measured against the bound.</summary>
    public int Cost { get; private set; }

    public bool IsEmpty => _batches.Count == 0;

    /// <summary>The unwritten bytes of the first batch.</summary>
    public ReadOnlyMemory<byte> Head => _batches.Peek().Memory[_headOffset..];

    /// <param name="batch">Is referenced until it is removed.</param>
    /// <param name="written">Bytes of it that are out already; only for the first.</param>
    public void Add(Batch batch, int written = 0)
    {
        batch.AddReference();
        _batches.Enqueue(batch);
        Cost += batch.Length + EntryCost;
        _headOffset += written;
    }

    public void RemoveHead()
    {
        var batch = _batches.Dequeue();
        Cost -= batch.Length + EntryCost;
        _headOffset = 0;
        batch.Release();
    }

    /// <summary>Removes all, or all but the head, which may be partly written. Returns the frames that are lost thereby.</summary>
    public int Discard(bool keepHead)
    {
        var head = keepHead ? _batches.Dequeue() : null;
        var frames = 0;
        while (_batches.TryDequeue(out var batch))
        {
            frames += batch.FrameCount;
            Cost -= batch.Length + EntryCost;
            batch.Release();
        }

        if (head is not null)
        {
            _batches.Enqueue(head);
        }

        return frames;
    }
}
