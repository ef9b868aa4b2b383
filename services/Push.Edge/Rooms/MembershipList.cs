namespace Push.Edge.Rooms;

/// <summary>The audiences that a connection is in, and its index in each. A few: searched, not indexed. Guarded by the connection's shard.</summary>
internal struct MembershipList
{
    private Membership[]? _items;

    public readonly ReadOnlySpan<Membership> Items => _items;

    public void Add(Audience audience, int index)
    {
        Array.Resize(ref _items, (_items?.Length ?? 0) + 1);
        _items[^1] = new Membership(audience, index);
    }

    /// <summary>The audience has moved the connection to another place.</summary>
    public readonly void Move(Audience audience, int index)
    {
        for (var i = 0; i < _items!.Length; i++)
        {
            if (_items[i].Audience == audience)
            {
                _items[i] = new Membership(audience, index);
                return;
            }
        }
    }

    public void Clear() => _items = null;
}
