using Push.Edge.Connections;

namespace Push.Edge.Fanout;

/// <summary>One batch on its way to the members that an audience had when the pass began. Touched by the shard's worker alone.</summary>
internal sealed class FanoutPass
{
    /// <summary>A big room lets the others have their turn after this many members.</summary>
    public const int SliceMembers = 256;

    private int _next;

    /// <summary>When it began, as a timestamp.</summary>
    public long BeganAt { get; private set; }

    public Batch? Batch { get; private set; }

    public ArraySegment<Connection> Members { get; private set; }

    /// <summary>Nothing begun, or everybody has been served.</summary>
    public bool IsDone => _next == Members.Count;

    public void Begin(Batch batch, ArraySegment<Connection> members, long now)
    {
        BeganAt = now;
        Batch = batch;
        Members = members;
        _next = 0;
    }

    /// <summary>Hands the batch to the next members.</summary>
    public FanoutTally SendSlice()
    {
        var slice = Members.AsSpan(_next, Math.Min(SliceMembers, Members.Count - _next));
        _next += slice.Length;
        return Batch!.Deflated is { } deflated ? Send(slice, Batch, deflated) : new FanoutTally(Batch, slice.Length, Send(slice, Batch), IsDone);
    }

    public void Clear()
    {
        Batch = null;
        Members = default;
        _next = 0;
    }

    private static int Send(ReadOnlySpan<Connection> members, Batch batch)
    {
        var taken = 0;
        foreach (var member in members)
        {
            taken += member.Send(batch) ? 1 : 0;
        }

        return taken;
    }

    private FanoutTally Send(ReadOnlySpan<Connection> members, Batch plain, Batch deflated)
    {
        var (taken, takenDeflated) = (0, 0);
        foreach (var member in members)
        {
            if (member.Send(member.TakesDeflate ? deflated : plain))
            {
                taken++;
                takenDeflated += member.TakesDeflate ? 1 : 0;
            }
        }

        return new FanoutTally(plain, members.Length, taken, IsDone, takenDeflated);
    }
}
