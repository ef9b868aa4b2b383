using System.Runtime.InteropServices;
using Push.Contracts;
using Push.Edge.Connections;

namespace Push.Edge.Rooms;

/// <summary>
/// Finds the connections of a user or a device. Nearly everyone has one connection: then the index holds that bare
/// reference, and an <see cref="Audience"/> only from the second on. Guarded by the shard's lock.
/// </summary>
internal sealed class PrincipalIndex(Func<string, RoomKey> target)
{
    private readonly Dictionary<string, object> _byId = new(StringComparer.Ordinal);

    public int Count => _byId.Count;

    public object? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>A session without the id (null) is not indexed.</summary>
    public void Add(string? id, Connection connection)
    {
        if (string.IsNullOrEmpty(id))
        {
            return;
        }

        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_byId, id, out _);
        switch (entry)
        {
            case null:
                entry = connection;
                break;
            case Audience audience:
                audience.Join(connection);
                break;
            case Connection first:
                var both = new Audience(target(id));
                both.Join(first);
                both.Join(connection);
                entry = both;
                break;
        }
    }

    /// <summary>After the connection has left its audiences: forgets the bare reference, or an audience that is empty now.</summary>
    public void Remove(string? id, Connection connection)
    {
        if (!string.IsNullOrEmpty(id) && _byId.TryGetValue(id, out var entry) && (entry == (object)connection || entry is Audience { Count: 0 }))
        {
            _byId.Remove(id);
        }
    }
}
