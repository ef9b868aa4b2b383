using System.Runtime.InteropServices;
using Push.Contracts;
using Push.Edge.Connections;
using Push.Edge.Telemetry;

namespace Push.Edge.Fanout;

/// <summary>The members of one room key in one loop, what is published to them and not handed over yet, and the pass that is under way. The loop's own.</summary>
internal sealed class Room(RoomKey key)
{
    private static readonly int FormCount = Enum.GetValues<FrameForm>().Length;

    private readonly Queue<EncodedPublication> _pending = new();
    private readonly List<FrameStamp> _stamps = [];
    private readonly MemberList?[] _members = new MemberList?[FormCount];
    private readonly Batch?[] _batches = new Batch?[FormCount];
    private int _pendingBytes;
    private int _form;

    public RoomKey Key => key;

    public int Count { get; private set; }

    /// <summary>Where it stands in its loop's schedule.</summary>
    public RoomState State { get; set; }

    /// <summary>While <see cref="RoomState.Coalescing"/>: until when, as a timestamp.</summary>
    public long CoalescesUntil { get; set; }

    /// <summary>How long it coalesces while it is busy.</summary>
    public long CoalesceTicks { get; set; }

    /// <summary>Until when a publication that finds nothing pending is taken for the first of several, as a timestamp.</summary>
    public long BusyUntil { get; set; }

    public bool HasPending => _pending.Count > 0;

    /// <summary>A pass could not take more than is there already.</summary>
    public bool HasFullBatch => _pendingBytes >= Batch.MaxBytes;

    // ---- The pass ----

    public bool IsInPass => PassFrames > 0;

    /// <summary>When the pass began, as a timestamp.</summary>
    public long PassBeganAt { get; private set; }

    /// <summary>Publications that it carries.</summary>
    public int PassFrames { get; private set; }

    /// <summary>What they counted as while they waited.</summary>
    public int PassCost { get; private set; }

    /// <summary>Of the publications that telemetry follows.</summary>
    public ReadOnlySpan<FrameStamp> PassStamps => CollectionsMarshal.AsSpan(_stamps);

    /// <summary>Everybody has been served.</summary>
    public bool IsServed
    {
        get
        {
            foreach (var members in _members)
            {
                if (members is { IsServed: false })
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>True where it is the first that takes this form.</summary>
    public bool Join(Connection connection)
    {
        var members = _members[(int)connection.Form] ??= new MemberList();
        members.Add(connection);
        Count++;
        return members.Count == 1;
    }

    /// <summary>True where it was the last that took this form.</summary>
    public bool Leave(Connection connection)
    {
        var members = _members[(int)connection.Form]!;
        members.Remove(connection);
        Count--;
        return members.Count == 0;
    }

    public void Append(EncodedPublication publication)
    {
        _pending.Enqueue(publication);
        _pendingBytes += publication.For(FrameForm.Plain).Length;
    }

    /// <summary>Takes the oldest publications that fit into a batch, for those who are members now.</summary>
    public void BeginPass(BatchPool pool, long now)
    {
        PassBeganAt = now;
        _form = 0;
        var bytes = 0;
        do
        {
            var publication = _pending.Dequeue();
            PassFrames++;
            PassCost += publication.Cost;
            bytes += publication.For(FrameForm.Plain).Length;
            for (var form = 0; form < FormCount; form++)
            {
                if (_members[form] is { Count: > 0 })
                {
                    (_batches[form] ??= pool.Rent()).Add(publication.For((FrameForm)form));
                }
            }

            if (!publication.Stamp.IsEmpty)
            {
                _stamps.Add(publication.Stamp);
            }
        }
        while (_pending.TryPeek(out var next) && bytes + next.For(FrameForm.Plain).Length <= Batch.MaxBytes);

        _pendingBytes -= bytes;
        foreach (var members in _members)
        {
            members?.BeginPass();
        }
    }

    /// <summary>The next members, all of one form, and what they get. Nobody, where everybody has been served.</summary>
    public ReadOnlySpan<Connection> NextSlice(int size, out Batch? batch)
    {
        for (; _form < FormCount; _form++)
        {
            batch = _batches[_form];
            if (batch is not null && _members[_form]!.NextSlice(size) is { IsEmpty: false } slice)
            {
                return slice;
            }
        }

        batch = null;
        return default;
    }

    public void EndPass(BatchPool pool)
    {
        for (var form = 0; form < FormCount; form++)
        {
            if (_batches[form] is { } batch)
            {
                pool.Return(batch);
                _batches[form] = null;
            }
        }

        _stamps.Clear();
        (PassFrames, PassCost) = (0, 0);
    }
}

/// <summary>Where a room stands in its loop's schedule.</summary>
internal enum RoomState : byte
{
    /// <summary>Nothing pending: the next publication is sent at once.</summary>
    Idle,

    /// <summary>Waits for its turn, or has it.</summary>
    Scheduled,

    /// <summary>Busy: waits a moment for more, since a send of many frames costs little more than a send of one.</summary>
    Coalescing,
}
