using Push.Edge.Connections;

namespace Push.Edge.Fanout;

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

/// <param name="Subscribers">What the connection is a member of.</param>
/// <param name="Index">Its place in there.</param>
internal readonly record struct Membership(Subscribers Subscribers, int Index);

/// <summary>The groups of subscribers that a connection is in, and its index in each. A few: searched, not indexed. Guarded by the connection's shard.</summary>
internal struct MembershipList
{
    private Membership[]? _items;

    public readonly ReadOnlySpan<Membership> Items => _items;

    public void Add(Subscribers subscribers, int index)
    {
        Array.Resize(ref _items, (_items?.Length ?? 0) + 1);
        _items[^1] = new Membership(subscribers, index);
    }

    /// <summary>The group has moved the connection to another place.</summary>
    public readonly void Move(Subscribers subscribers, int index)
    {
        for (var i = 0; i < _items!.Length; i++)
        {
            if (_items[i].Subscribers == subscribers)
            {
                _items[i] = new Membership(subscribers, index);
                return;
            }
        }
    }

    public void Clear() => _items = null;
}
