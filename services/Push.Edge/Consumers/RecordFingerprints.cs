namespace Push.Edge.Consumers;

/// <summary>
/// Fingerprints of the last records that were read: by offset, to see whether a stream still is the one that was read, and whatever their
/// offset, to know a publication that is published once more. Used by one reader at a time.
/// </summary>
internal sealed class RecordFingerprints(int capacity)
{
    /// <summary>How many an Edge keeps: 1 MiB in all, and seconds at the highest rates.</summary>
    public const int DefaultCapacity = 1 << 16;

    // What the broker writes for itself takes an offset too, and is never delivered.
    private const ulong None = 0;

    private readonly ulong[] _byOffset = new ulong[capacity];
    private readonly ulong[] _read = new ulong[capacity];
    private long _oldest;
    private long _next;
    private int _place;

    /// <summary>Nothing is kept by offset.</summary>
    public bool IsEmpty => Oldest >= _next;

    /// <summary>The lowest offset whose fingerprint is kept.</summary>
    public long Oldest => Math.Max(_oldest, _next - capacity);

    /// <summary>Takes note of a record that was read; <paramref name="fingerprint"/> is its content's.</summary>
    public void Add(long offset, ulong fingerprint, ulong republication)
    {
        if (IsEmpty || offset < _next || offset - _next >= capacity)
        {
            _oldest = offset;
        }
        else
        {
            for (var skipped = _next; skipped < offset; skipped++)
            {
                _byOffset[skipped % capacity] = None;
            }
        }

        _byOffset[offset % capacity] = Sign(fingerprint, republication);
        _next = offset + 1;
        _read[_place] = Sign(fingerprint, republication: 0);
        _place = (_place + 1) % capacity;
    }

    /// <summary>Whether the record at <paramref name="offset"/> is the one that was read there.</summary>
    public bool Matches(long offset, ulong fingerprint, ulong republication) =>
        offset >= Oldest && offset < _next && _byOffset[offset % capacity] == Sign(fingerprint, republication);

    /// <summary>Whether such a record was read lately, at whichever offset.</summary>
    public bool Contains(ulong fingerprint) => _read.AsSpan().Contains(Sign(fingerprint, republication: 0));

    /// <summary>The stream ends before <paramref name="offset"/>: what was read there and behind is there no longer.</summary>
    public void CutAt(long offset)
    {
        _oldest = Math.Min(Oldest, offset);
        _next = offset;
    }

    /// <summary>What is published once more is another record than the first time: else the beginning of a new stream could be taken for the old one's.</summary>
    private static ulong Sign(ulong fingerprint, ulong republication) =>
        (fingerprint ^ republication) is var sign and not None ? sign : 1;
}
