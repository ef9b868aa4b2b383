using Push.Contracts;
using Push.Edge.Connections;

namespace Push.Edge.Fanout;

/// <summary>
/// The members of one target in one shard, and what is published to them but not yet handed over. Guarded by the shard's
/// lock, except the pass in progress, which belongs to the shard's worker.
/// </summary>
internal sealed class Subscribers(RoomKey target)
{
    private readonly MemberList _members = new();
    private Batch? _first;
    private Batch? _last;
    private int _deflateCount;

    public RoomKey Target => target;

    public int Count => _members.Count;

    /// <summary>One of the members takes compressed messages.</summary>
    public bool TakesDeflate => _deflateCount > 0;

    /// <summary>Where it stands in its shard's schedule.</summary>
    public SubscribersState State { get; set; }

    /// <summary>While <see cref="SubscribersState.Gathering"/>: until when, as a timestamp.</summary>
    public long GathersUntil { get; set; }

    /// <summary>How long it gathers while it is busy.</summary>
    public long GatherTicks { get; set; }

    /// <summary>Until when a publication that finds nothing pending is taken for the first of several, as a timestamp.</summary>
    public long BusyUntil { get; set; }

    /// <summary>What the worker is handing over.</summary>
    public FanoutPass Pass { get; } = new();

    public bool HasPending => _first is not null;

    /// <summary>A pass could not take more than is there already.</summary>
    public bool HasFullBatch => _first is { } first && (first.Next is not null || first.Length >= Batch.MaxBytes);

    public void Join(Connection connection)
    {
        connection.Memberships.Add(this, _members.Add(connection));
        _deflateCount += connection.TakesDeflate ? 1 : 0;
    }

    public void Leave(Connection connection, int index)
    {
        _members.RemoveAt(index)?.Memberships.Move(this, index);
        _deflateCount -= connection.TakesDeflate ? 1 : 0;
    }

    /// <summary>Returns the bytes by which what is pending has grown.</summary>
    public int Append(scoped in EncodedFrame frame, in FrameStamp stamp, BatchPool pool)
    {
        var before = _last?.Size ?? 0;
        if (_last is null)
        {
            _first = _last = pool.Rent(frame.Plain, stamp);
        }
        else if (!_last.TryAppend(frame.Plain, stamp))
        {
            before = 0;
            _last = _last.Next = pool.Rent(frame.Plain, stamp);
        }

        _last.AddForm(TakesDeflate ? frame : new EncodedFrame(frame.Plain));
        return _last.Size - before;
    }

    /// <summary>Starts to hand the oldest pending batch to those who are members now.</summary>
    public void BeginPass(long now)
    {
        var batch = _first!;
        _first = batch.Next;
        _last = _first is null ? null : _last;
        batch.Next = null;
        Pass.Begin(batch, _members.TakeSnapshot(), now);
    }

    /// <summary>Returns the batch that was handed over, to be released.</summary>
    public Batch EndPass()
    {
        var batch = Pass.Batch!;
        _members.ReturnSnapshot(Pass.Members);
        Pass.Clear();
        return batch;
    }
}

internal enum SubscribersState
{
    /// <summary>Nothing pending: the next publication is sent at once.</summary>
    Idle,

    /// <summary>Waits for its turn, or has it.</summary>
    Scheduled,

    /// <summary>Busy: waits a moment for more, since a send of many frames costs little more than a send of one.</summary>
    Gathering,
}

/// <summary>One batch on its way to the members that a group of subscribers had when the pass began. Used by the shard's worker alone.</summary>
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

    /// <summary>What prefetching a group came to. Means nothing: without it the reads would be optimised away.</summary>
    public int Prefetched { get; private set; }

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
            Prefetch(group);
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

    private void Prefetch(ReadOnlySpan<Connection> members)
    {
        var prefetched = 0;
        foreach (var member in members)
        {
            prefetched += member.Prefetch();
        }

        Prefetched = prefetched;
    }
}
