namespace Push.LoadTest.Subscribing;

/// <summary>Every message to every connection exactly once and in its lane's order: counts what is not.</summary>
internal sealed class DeliveryLedger(int connections, int lanes)
{
    private const int JoinsMidway = -1;

    // Bounds the memory of a run in which everything goes wrong; the counts are large enough by then.
    private const int MaxRemembered = 1_000_000;

    private readonly int[] _next = new int[connections * lanes];
    private readonly HashSet<(int Slot, int Sequence)> _missing = [];

    public long Unique { get; private set; }

    public long Duplicates { get; private set; }

    public long Reordered { get; private set; }

    public long Missing { get; private set; }

    /// <summary>Takes a message down; false for a duplicate.</summary>
    public bool Record(int connection, int lane, int sequence)
    {
        var slot = (connection * lanes) + lane;
        var expected = _next[slot];
        if (sequence == expected || expected == JoinsMidway)
        {
            _next[slot] = sequence + 1;
            Unique++;
            return true;
        }

        return sequence > expected ? Skip(slot, expected, sequence) : Late(slot, sequence);
    }

    /// <summary>The connection is a new one: its lanes begin with whatever comes first.</summary>
    public void Restart(int connection) => _next.AsSpan(connection * lanes, lanes).Fill(JoinsMidway);

    private bool Skip(int slot, int expected, int sequence)
    {
        Missing += sequence - expected;
        for (var i = expected; i < sequence && _missing.Count < MaxRemembered; i++)
        {
            _missing.Add((slot, i));
        }

        _next[slot] = sequence + 1;
        Unique++;
        return true;
    }

    private bool Late(int slot, int sequence)
    {
        if (!_missing.Remove((slot, sequence)))
        {
            Duplicates++;
            return false;
        }

        Missing--;
        Reordered++;
        Unique++;
        return true;
    }
}
