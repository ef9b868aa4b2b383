using System.Runtime.InteropServices;
using Push.Contracts;
using Push.Edge.Connections;

namespace Push.Edge.Fanout;

/// <summary>Who is in which room within one shard; users and devices are found here too. Guarded by the shard's lock.</summary>
internal sealed class RoomRegistry
{
    private readonly Dictionary<string, Subscribers> _rooms = new(StringComparer.Ordinal);
    private readonly PrincipalIndex _users = new(RoomKey.User);
    private readonly PrincipalIndex _devices = new(RoomKey.Device);
    private readonly Subscribers _everybody = new(RoomKey.Everybody);

    public string[] ListRooms() => [.. _rooms.Keys];

    /// <summary>Targets that are somewhere indexed: none when nobody is connected.</summary>
    public int TargetCount => _rooms.Count + _users.Count + _devices.Count;

    public void Join(Connection connection)
    {
        _everybody.Join(connection);
        foreach (var room in connection.Rooms)
        {
            if (!_rooms.TryGetValue(room, out var subscribers))
            {
                subscribers = new Subscribers(RoomKey.Room(room));
                _rooms.Add(room, subscribers);
            }

            subscribers.Join(connection);
        }

        _users.Add(UserOf(connection), connection);
        _devices.Add(connection.Session.DeviceId, connection);
    }

    /// <summary>Takes the connection out of everything and frees what is empty then.</summary>
    public void Leave(Connection connection)
    {
        foreach (var (subscribers, index) in connection.Memberships.Items)
        {
            subscribers.Leave(connection, index);
            if (subscribers.Count == 0 && subscribers.Target.Kind == RoomKeyKind.Room)
            {
                _rooms.Remove(subscribers.Target.Id);
            }
        }

        connection.Memberships.Clear();
        _users.Remove(UserOf(connection), connection);
        _devices.Remove(connection.Session.DeviceId, connection);
    }

    /// <summary>A <see cref="Subscribers"/> with members, or the one <see cref="Connection"/> of a user or device, or null.</summary>
    public object? Find(in RoomKey target) => target.Kind switch
    {
        RoomKeyKind.Room => _rooms.GetValueOrDefault(target.Id),
        RoomKeyKind.User => _users.Find(target.Id),
        RoomKeyKind.Device => _devices.Find(target.Id),
        RoomKeyKind.Everybody when _everybody.Count > 0 => _everybody,
        _ => null,
    };

    /// <summary>The user who has logged in. A session that only says a user's name gets nothing that is meant for him.</summary>
    private static string? UserOf(Connection connection) => connection.Session.IsLogin ? connection.Session.UserId : null;
}

/// <summary>
/// Finds the connections of a user or a device. Nearly everyone has one connection: then the index holds that bare
/// reference, and an <see cref="Subscribers"/> only from the second on. Guarded by the shard's lock.
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
            case Subscribers subscribers:
                subscribers.Join(connection);
                break;
            case Connection first:
                var both = new Subscribers(target(id));
                both.Join(first);
                both.Join(connection);
                entry = both;
                break;
        }
    }

    /// <summary>After the connection has left its groups: forgets the bare reference, or a group that is empty now.</summary>
    public void Remove(string? id, Connection connection)
    {
        if (!string.IsNullOrEmpty(id) && _byId.TryGetValue(id, out var entry) && (entry == (object)connection || entry is Subscribers { Count: 0 }))
        {
            _byId.Remove(id);
        }
    }
}
