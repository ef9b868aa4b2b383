using Push.Edge.Connections;

namespace Push.Edge.Rooms;

/// <summary>
/// Connections in one array without gaps. The array doubles as the snapshot that a pass walks outside the lock: adding
/// goes on behind the snapshot's end, and only a removal while a snapshot is out copies it. Guarded by its shard's lock.
/// </summary>
internal sealed class MemberList
{
    private const int MinCapacity = 2;

    private Connection[] _members = [];
    private bool _isShared;

    public int Count { get; private set; }

    /// <summary>Adds at the end; returns the index.</summary>
    public int Add(Connection connection)
    {
        if (Count == _members.Length)
        {
            Reallocate(Math.Max(MinCapacity, Count * 2));
        }

        _members[Count] = connection;
        return Count++;
    }

    /// <summary>Removes by moving the last one into the gap. Returns the connection that is now at <paramref name="index"/>; null where it was the last.</summary>
    public Connection? RemoveAt(int index)
    {
        if (_isShared || (Count <= _members.Length / 4 && _members.Length > MinCapacity))
        {
            Reallocate(Math.Max(MinCapacity, Count <= _members.Length / 4 ? Count * 2 : Count));
        }

        Count--;
        var moved = _members[Count];
        _members[index] = moved;
        _members[Count] = null!;
        return index == Count ? null : moved;
    }

    /// <summary>The members now. The array stays as it is up to its count until <see cref="ReturnSnapshot"/>. One snapshot at a time.</summary>
    public ArraySegment<Connection> TakeSnapshot()
    {
        _isShared = true;
        return new ArraySegment<Connection>(_members, 0, Count);
    }

    public void ReturnSnapshot(ArraySegment<Connection> snapshot)
    {
        if (ReferenceEquals(snapshot.Array, _members))
        {
            _isShared = false;
        }
    }

    private void Reallocate(int capacity)
    {
        var members = new Connection[capacity];
        Array.Copy(_members, members, Count);
        _members = members;
        _isShared = false;
    }
}
