namespace Push.Edge.Connections;

/// <summary>
/// Connections in one array without gaps. While a pass over them is under way there are three regions: served, to be served, joined since. A removal
/// leaves each member in its region, so nobody is served twice or passed over, and no copy is made. A loop's own.
/// </summary>
internal sealed class MemberList
{
    private const int MinCapacity = 2;

    private Connection[] _members = [];
    private int _next;
    private int _end;

    public int Count { get; private set; }

    /// <summary>Nobody is left to be served in this pass.</summary>
    public bool IsServed => _next == _end;

    public void Add(Connection connection)
    {
        if (Count == _members.Length)
        {
            Array.Resize(ref _members, Math.Max(MinCapacity, Count < 1024 ? Count * 2 : Count + (Count / 4)));
        }

        _members[Count] = connection;
        connection.Memberships.Add(this, Count++);
    }

    public void Remove(Connection connection)
    {
        var gap = connection.Memberships.Remove(this);
        gap = gap < _next ? Move(--_next, gap) : gap;
        gap = gap < _end ? Move(--_end, gap) : gap;
        _members[Move(--Count, gap)] = null!;
        if (Count <= _members.Length / 4 && _members.Length > MinCapacity)
        {
            Array.Resize(ref _members, Math.Max(MinCapacity, _members.Length / 2));
        }
    }

    /// <summary>Begins a pass over those who are members now.</summary>
    public void BeginPass() => (_next, _end) = (0, Count);

    /// <summary>The next members of the pass, at most <paramref name="size"/>; valid until somebody joins or leaves.</summary>
    public ReadOnlySpan<Connection> NextSlice(int size)
    {
        var slice = _members.AsSpan(_next, Math.Min(size, _end - _next));
        _next += slice.Length;
        return slice;
    }

    /// <summary>Fills a gap; the gap is then where the other came from.</summary>
    private int Move(int from, int gap)
    {
        if (from != gap)
        {
            _members[gap] = _members[from];
            _members[gap].Memberships.Move(this, gap);
        }

        return from;
    }
}

/// <summary>The lists that a connection is in, and its place in each. A few: searched, not indexed.</summary>
internal struct MembershipList
{
    /// <summary>Everybody's and two rooms': what most connections need.</summary>
    private const int InitialCapacity = 3;

    private (MemberList? List, int Index)[]? _items;

    public void Add(MemberList list, int index)
    {
        _items ??= new (MemberList?, int)[InitialCapacity];
        var free = 0;
        while (free < _items.Length && _items[free].List is not null)
        {
            free++;
        }

        if (free == _items.Length)
        {
            Array.Resize(ref _items, free * 2);
        }

        _items[free] = (list, index);
    }

    public readonly void Move(MemberList list, int index) => _items![Find(list)].Index = index;

    /// <summary>Returns the place.</summary>
    public readonly int Remove(MemberList list)
    {
        var at = Find(list);
        var index = _items![at].Index;
        _items[at] = default;
        return index;
    }

    private readonly int Find(MemberList list)
    {
        var at = 0;
        while (_items![at].List != list)
        {
            at++;
        }

        return at;
    }
}
