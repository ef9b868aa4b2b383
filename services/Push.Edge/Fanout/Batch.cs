using System.Buffers;
using System.Runtime.InteropServices;

namespace Push.Edge.Fanout;

/// <summary>
/// Whole frames in one pooled buffer, shared by every connection they go to. Filled by one owner, then read by many;
/// the buffer goes back when the last reference is released.
/// </summary>
internal sealed class Batch(BatchPool pool)
{
    /// <summary>A batch takes frames up to here; a larger frame goes alone.</summary>
    public const int MaxBytes = 16 * 1024;

    private readonly List<FrameStamp> _stamps = [];
    private byte[] _buffer = [];
    private int _references;

    /// <summary>Bytes of all frames.</summary>
    public int Length { get; private set; }

    public int FrameCount { get; private set; }

    /// <summary>The same frames with the compressed ones in their compressed form; null while no frame has one that somebody takes.</summary>
    public Batch? Deflated { get; private set; }

    /// <summary>Bytes of all frames in both forms.</summary>
    public int Size => Length + (Deflated?.Length ?? 0);

    /// <summary>The batch behind this one in a list of pending batches.</summary>
    public Batch? Next { get; set; }

    public ReadOnlySpan<byte> Span => _buffer.AsSpan(0, Length);

    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, Length);

    /// <summary>Of the frames that have any: telemetry is not always on.</summary>
    public ReadOnlySpan<FrameStamp> Stamps => CollectionsMarshal.AsSpan(_stamps);

    /// <summary>Adds a whole frame; false where it does not fit any more.</summary>
    public bool TryAppend(ReadOnlySpan<byte> frame, in FrameStamp stamp = default)
    {
        if (Length > 0 && Length + frame.Length > MaxBytes)
        {
            return false;
        }

        Write(frame);
        FrameCount++;
        if (!stamp.IsEmpty)
        {
            _stamps.Add(stamp);
        }

        return true;
    }

    /// <summary>Gives the frame that was added last its compressed form; where it has none, it is the same in both.</summary>
    public void AddForm(scoped in EncodedFrame frame)
    {
        if (Deflated is null && frame.Deflated.IsEmpty)
        {
            return;
        }

        Deflated ??= pool.Rent(Span[..^frame.Plain.Length]);
        Deflated.Write(frame.For(takesDeflate: true));
        Deflated.FrameCount = FrameCount;
    }

    public void AddReference() => Interlocked.Increment(ref _references);

    public void Release()
    {
        var left = Interlocked.Decrement(ref _references);
        if (left > 0)
        {
            return;
        }

        // Handing a buffer out twice would send one room's frames to another: better to stop here.
        ObjectDisposedException.ThrowIf(left < 0, this);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _stamps.Clear();
        Deflated?.Release();
        Deflated = null;
        Length = 0;
        FrameCount = 0;
        Next = null;
        pool.Return(this);
    }

    /// <summary>Called by the pool: one reference, its owner's.</summary>
    internal void Open() => _references = 1;

    private void Write(ReadOnlySpan<byte> frame)
    {
        if (Length + frame.Length > _buffer.Length)
        {
            Grow(Length + frame.Length);
        }

        frame.CopyTo(_buffer.AsSpan(Length));
        Length += frame.Length;
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Min(_buffer.Length * 2, MaxBytes)));
        Span.CopyTo(larger);
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = larger;
    }
}

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

/// <summary>A whole frame in the forms in which connections take it. Every connection takes the plain one.</summary>
/// <param name="plain">The payload as it is.</param>
/// <param name="deflated">The payload compressed; empty where nobody asks for it or nothing is gained by it.</param>
internal readonly ref struct EncodedFrame(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> deflated = default)
{
    public ReadOnlySpan<byte> Plain { get; } = plain;

    public ReadOnlySpan<byte> Deflated { get; } = deflated;

    /// <summary>The form for a connection that takes compressed messages, or for one that does not.</summary>
    public ReadOnlySpan<byte> For(bool takesDeflate) => takesDeflate && !Deflated.IsEmpty ? Deflated : Plain;
}

/// <summary>What telemetry needs to know of a frame once it has been handed over; travels beside it through the batches.</summary>
/// <param name="PublishedAt">When the publisher handed it over; default where unknown.</param>
/// <param name="OccurredAt">When the event happened; default where unknown.</param>
/// <param name="Trace">Null where the publication is not traced.</param>
internal readonly record struct FrameStamp(DateTime PublishedAt, DateTime OccurredAt, FanoutTrace? Trace)
{
    public bool IsEmpty => PublishedAt == default && OccurredAt == default && Trace is null;
}
