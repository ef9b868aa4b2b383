using Push.Contracts;
using Push.Edge.Connections;
using Push.Edge.Telemetry;

namespace Push.Edge.Fanout;

/// <summary>
/// A publication as frames, encoded once for each form that somebody takes. It is never changed, so loops, batches and queues share it, and the garbage
/// collector counts the references.
/// </summary>
/// <param name="key">Whom it is for.</param>
/// <param name="plain">The frame that every client can read.</param>
/// <param name="deflated">The compressed frame; null where nobody takes it or nothing is gained by it.</param>
/// <param name="stamp">Telemetry's.</param>
internal sealed class EncodedPublication(RoomKey key, byte[] plain, byte[]? deflated = null, FrameStamp stamp = default)
{
    /// <summary>What a publication costs beyond its bytes, so that many small ones are bounded too.</summary>
    private const int Overhead = 128;

    public RoomKey Key => key;

    public FrameStamp Stamp => stamp;

    /// <summary>What it counts as while it waits in a loop, in bytes.</summary>
    public int Cost => plain.Length + (deflated?.Length ?? 0) + Overhead;

    /// <summary>The frame for a connection of this form. Whoever joined too late for a form of its own gets the plain one.</summary>
    public byte[] For(FrameForm form) => form == FrameForm.Deflated ? deflated ?? plain : plain;
}

/// <summary>
/// Whole frames in one buffer, shared by every connection that they go to. A pass gives the buffer back when it ends, unless a slow connection refers to
/// it: then it is left to the garbage collector. So nobody counts references, and bytes that are still to be sent are never overwritten.
/// </summary>
internal sealed class Batch
{
    /// <summary>A batch takes frames up to here; a larger frame goes alone.</summary>
    public const int MaxBytes = 16 * 1024;

    private byte[] _buffer = [];

    /// <summary>The buffer is a publication's own.</summary>
    private bool _isBorrowed;

    private int _length;

    public int FrameCount { get; private set; }

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>A connection refers to the buffer.</summary>
    public bool IsKept { get; set; }

    /// <summary>Adds a frame. One that is alone is not copied.</summary>
    public void Add(byte[] frame)
    {
        if (FrameCount++ == 0)
        {
            (_isBorrowed, _kept, _buffer, _length) = (true, _buffer, frame, frame.Length);
            return;
        }

        if (_isBorrowed)
        {
            var first = _buffer;
            (_isBorrowed, _buffer, _length) = (false, _kept, 0);
            Append(first);
        }

        Append(frame);
    }

    /// <summary>Empty again, for the next pass.</summary>
    public void Clear()
    {
        _buffer = _isBorrowed ? _kept : IsKept ? [] : _buffer;
        (_isBorrowed, _kept, _length, FrameCount, IsKept) = (false, [], 0, 0, false);
    }

    // The own buffer, while a single frame's takes its place.
    private byte[] _kept = [];

    private void Append(ReadOnlySpan<byte> frame)
    {
        if (_length + frame.Length > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_length + frame.Length, Math.Min(_buffer.Length * 2, MaxBytes)));
        }

        frame.CopyTo(_buffer.AsSpan(_length));
        _length += frame.Length;
    }
}

/// <summary>Keeps used batches for the next pass. A loop's own.</summary>
internal sealed class BatchPool
{
    private const int MaxKept = 64;

    private readonly Stack<Batch> _kept = new();

    public Batch Rent() => _kept.TryPop(out var batch) ? batch : new Batch();

    public void Return(Batch batch)
    {
        if (_kept.Count < MaxKept)
        {
            batch.Clear();
            _kept.Push(batch);
        }
    }
}
