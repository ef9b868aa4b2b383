using Push.Edge.Connections;

namespace Push.Edge.Fanout;

/// <summary>One batch on its way to the members that an audience had when the pass began. Touched by the shard's worker alone.</summary>
internal sealed class FanoutPass
{
    /// <summary>A big room lets the others have their turn after this many members.</summary>
    public const int SliceMembers = 256;

    // Connections lie all over the heap. Read one at a time, each costs several waits for memory in a row; read in groups before they are needed,
    // the waits overlap: a sixth less processor time for a send to a thousand (docs/experiments.md, "Profiles").
    private const int GroupMembers = 32;

    private int _next;

    /// <summary>When it began, as a timestamp.</summary>
    public long BeganAt { get; private set; }

    public Batch? Batch { get; private set; }

    /// <summary>What touching a group came to. Means nothing: without it the reads would be optimised away.</summary>
    public int Touched { get; private set; }

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
        var (taken, takenDeflated) = (0, 0);
        for (var at = 0; at < slice.Length; at += GroupMembers)
        {
            var group = slice.Slice(at, Math.Min(GroupMembers, slice.Length - at));
            Touch(group);
            taken += Batch!.Deflated is { } deflated ? Send(group, Batch, deflated, ref takenDeflated) : Send(group, Batch);
        }

        return new FanoutTally(Batch!, slice.Length, taken, IsDone, takenDeflated);
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

    private static int Send(ReadOnlySpan<Connection> members, Batch plain, Batch deflated, ref int takenDeflated)
    {
        var taken = 0;
        foreach (var member in members)
        {
            if (member.Send(member.TakesDeflate ? deflated : plain))
            {
                taken++;
                takenDeflated += member.TakesDeflate ? 1 : 0;
            }
        }

        return taken;
    }

    private void Touch(ReadOnlySpan<Connection> members)
    {
        var touched = 0;
        foreach (var member in members)
        {
            touched += member.Touch();
        }

        Touched = touched;
    }
}
