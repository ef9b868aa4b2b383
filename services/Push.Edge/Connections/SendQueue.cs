namespace Push.Edge.Connections;

/// <summary>
/// What one connection has not taken yet: references to shared bytes, the first of them perhaps partly written. Exists only while something waits. A
/// loop's own.
/// </summary>
internal sealed class SendQueue
{
    // What an entry costs beyond its bytes: a peer that does not read must not collect tiny pongs without end.
    private const int EntryCost = 64;

    private readonly Queue<(ReadOnlyMemory<byte> Bytes, int Frames)> _entries = new(1);
    private int _headOffset;

    /// <summary>What it holds, measured against the bound.</summary>
    public int Cost { get; private set; }

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>The unwritten bytes of the first entry.</summary>
    public ReadOnlyMemory<byte> Head => _entries.Peek().Bytes[_headOffset..];

    /// <param name="bytes">Whole frames, which nobody changes until they are removed.</param>
    /// <param name="frames">How many of them are messages.</param>
    /// <param name="written">Bytes that are out already; only for the first entry.</param>
    public void Add(ReadOnlyMemory<byte> bytes, int frames, int written = 0)
    {
        _entries.Enqueue((bytes, frames));
        Cost += bytes.Length + EntryCost;
        _headOffset += written;
    }

    /// <summary>So many bytes more of the head are out.</summary>
    public void Written(int count)
    {
        _headOffset += count;
        if (_headOffset == _entries.Peek().Bytes.Length)
        {
            Cost -= _entries.Dequeue().Bytes.Length + EntryCost;
            _headOffset = 0;
        }
    }

    /// <summary>Removes all, or all but a head that is partly written: the peer sees whole frames up to the close frame. Returns the messages that are lost.</summary>
    public int Discard(bool keepsPartlyWritten)
    {
        var head = keepsPartlyWritten && _headOffset > 0 ? _entries.Dequeue() : default;
        var frames = 0;
        foreach (var entry in _entries)
        {
            frames += entry.Frames;
        }

        _entries.Clear();
        Cost = 0;
        if (!head.Bytes.IsEmpty)
        {
            _entries.Enqueue(head);
            Cost = head.Bytes.Length + EntryCost;
        }

        return frames;
    }
}
