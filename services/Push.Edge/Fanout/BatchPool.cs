namespace Push.Edge.Fanout;

/// <summary>Keeps used batches for the next pass. Its lock is a leaf: nothing else is taken while it is held.</summary>
internal sealed class BatchPool
{
    private const int MaxKept = 1024;

    private readonly Lock _gate = new();
    private readonly Stack<Batch> _kept = new();
    private int _outstanding;

    /// <summary>Batches that somebody holds a reference to.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>A batch that holds <paramref name="frame"/> and one reference, the caller's.</summary>
    public Batch Rent(ReadOnlySpan<byte> frame, in FrameStamp stamp = default)
    {
        Batch? batch;
        lock (_gate)
        {
            _outstanding++;
            _ = _kept.TryPop(out batch);
        }

        batch ??= new Batch(this);
        batch.Open();
        batch.TryAppend(frame, stamp);
        return batch;
    }

    internal void Return(Batch batch)
    {
        lock (_gate)
        {
            _outstanding--;
            if (_kept.Count < MaxKept)
            {
                _kept.Push(batch);
            }
        }
    }
}
