using Push.Contracts;
using Push.Edge.Connections;
using Push.Edge.Fanout;

namespace Push.Edge.Rooms;

/// <summary>
/// The members of one target in one shard, and what is published to them but not yet handed over. Guarded by the shard's
/// lock, except the pass in progress, which belongs to the shard's worker.
/// </summary>
internal sealed class Audience(RoomKey target)
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
    public AudienceState State { get; set; }

    /// <summary>While <see cref="AudienceState.Gathering"/>: until when, as a timestamp.</summary>
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
