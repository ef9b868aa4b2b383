using Push.Contracts;
using Push.Edge.Connections;

namespace Push.Edge.Rooms;

/// <summary>Who is in which room within one shard; users and devices are found here too. Guarded by the shard's lock.</summary>
internal sealed class RoomRegistry
{
    private readonly Dictionary<string, Audience> _rooms = new(StringComparer.Ordinal);
    private readonly PrincipalIndex _users = new(RoomKey.User);
    private readonly PrincipalIndex _devices = new(RoomKey.Device);
    private readonly Audience _everybody = new(RoomKey.Everybody);

    public string[] ListRooms() => [.. _rooms.Keys];

    /// <summary>Targets that are somewhere indexed: none when nobody is connected.</summary>
    public int TargetCount => _rooms.Count + _users.Count + _devices.Count;

    public void Join(Connection connection)
    {
        _everybody.Join(connection);
        foreach (var room in connection.Rooms)
        {
            if (!_rooms.TryGetValue(room, out var audience))
            {
                audience = new Audience(RoomKey.Room(room));
                _rooms.Add(room, audience);
            }

            audience.Join(connection);
        }

        _users.Add(UserOf(connection), connection);
        _devices.Add(connection.Session.DeviceId, connection);
    }

    /// <summary>Takes the connection out of everything and frees what is empty then.</summary>
    public void Leave(Connection connection)
    {
        foreach (var (audience, index) in connection.Memberships.Items)
        {
            audience.Leave(connection, index);
            if (audience.Count == 0 && audience.Target.Kind == RoomKeyKind.Room)
            {
                _rooms.Remove(audience.Target.Id);
            }
        }

        connection.Memberships.Clear();
        _users.Remove(UserOf(connection), connection);
        _devices.Remove(connection.Session.DeviceId, connection);
    }

    /// <summary>An <see cref="Audience"/> with members, or the one <see cref="Connection"/> of a user or device, or null.</summary>
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
