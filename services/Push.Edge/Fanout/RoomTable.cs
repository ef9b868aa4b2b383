using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Push.Contracts;
using Push.Edge.Connections;

namespace Push.Edge.Fanout;

/// <summary>Who is in which room within one loop; users and devices are found here too. The loop's own.</summary>
/// <param name="loop">The loop's number.</param>
/// <param name="index">Told of every key that gains its first subscriber of a form, or loses its last.</param>
internal sealed class RoomTable(int loop, SubscriberIndex index)
{
    private readonly Dictionary<string, Room> _rooms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, object> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, object> _devices = new(StringComparer.Ordinal);
    private readonly Room _everybody = new(RoomKey.Everybody);

    /// <summary>Keys that are somewhere in here: none when nobody is connected.</summary>
    public int KeyCount => _rooms.Count + _users.Count + _devices.Count + (_everybody.Count > 0 ? 1 : 0);

    /// <summary>A <see cref="Room"/> with members, or the one <see cref="Connection"/> of a user or device, or null.</summary>
    public object? Find(in RoomKey key) => key.Kind switch
    {
        RoomKeyKind.Room => _rooms.GetValueOrDefault(key.Id),
        RoomKeyKind.User => _users.GetValueOrDefault(key.Id),
        RoomKeyKind.Device => _devices.GetValueOrDefault(key.Id),
        RoomKeyKind.Everybody when _everybody.Count > 0 => _everybody,
        _ => null,
    };

    /// <summary>Everything that a new connection hears: everybody's, its rooms', its user's and its device's.</summary>
    public void Join(Connection connection)
    {
        Join(_everybody, connection);
        for (var i = 0; i < connection.Rooms.Length; i++)
        {
            // All members share the room's string.
            connection.Rooms[i] = Subscribe(connection, connection.Rooms[i]).Key.Id;
        }

        Add(_users, UserOf(connection), connection, RoomKey.User);
        Add(_devices, connection.Session.DeviceId, connection, RoomKey.Device);
    }

    /// <summary>Takes the connection out of everything and frees what is empty then.</summary>
    public void Leave(Connection connection)
    {
        Leave(_everybody, connection);
        foreach (var room in connection.Rooms)
        {
            Unsubscribe(connection, room);
        }

        Remove(_users, UserOf(connection), connection, RoomKey.User);
        Remove(_devices, connection.Session.DeviceId, connection, RoomKey.Device);
    }

    /// <summary>Adds the connection to one room, which it is not in.</summary>
    public Room Subscribe(Connection connection, string roomId)
    {
        ref var room = ref CollectionsMarshal.GetValueRefOrAddDefault(_rooms, roomId, out _);
        room ??= new Room(RoomKey.Room(roomId));
        Join(room, connection);
        return room;
    }

    /// <summary>Takes the connection out of one room, which it is in. What is pending there goes to the others.</summary>
    public void Unsubscribe(Connection connection, string roomId)
    {
        var room = _rooms[roomId];
        Leave(room, connection);
        if (room.Count == 0)
        {
            _rooms.Remove(roomId);
        }
    }

    /// <summary>The user who has logged in. A session that only says a user's name gets nothing that is meant for him.</summary>
    private static string? UserOf(Connection connection) => connection.Session.IsLogin ? connection.Session.UserId : null;

    private void Join(Room room, Connection connection)
    {
        if (room.Join(connection))
        {
            index.Add(room.Key, connection.Form, loop);
        }
    }

    private void Leave(Room room, Connection connection)
    {
        if (room.Leave(connection))
        {
            index.Remove(room.Key, connection.Form, loop);
        }
    }

    // Nearly everyone has one connection: then the table holds that bare reference, and a room only from the second on.
    private void Add(Dictionary<string, object> principals, string? id, Connection connection, Func<string, RoomKey> key)
    {
        if (string.IsNullOrEmpty(id))
        {
            return;
        }

        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(principals, id, out _);
        switch (entry)
        {
            case null:
                entry = connection;
                index.Add(key(id), connection.Form, loop);
                break;
            case Room room:
                Join(room, connection);
                break;
            case Connection first:
                var both = new Room(key(id));
                both.Join(first);
                Join(both, connection);
                entry = both;
                break;
        }
    }

    private void Remove(Dictionary<string, object> principals, string? id, Connection connection, Func<string, RoomKey> key)
    {
        if (string.IsNullOrEmpty(id) || !principals.TryGetValue(id, out var entry))
        {
            return;
        }

        if (entry is Room room)
        {
            Leave(room, connection);
            if (room.Count == 0)
            {
                principals.Remove(id);
            }
        }
        else
        {
            principals.Remove(id);
            index.Remove(key(id), connection.Form, loop);
        }
    }
}

/// <summary>
/// Which room keys somebody on this Edge subscribes to, in which loops and in which forms: asked by the stream's reader before a body is parsed, so that
/// most publications cost one look. Loops write, everybody reads; a key is here before its subscriber's handshake is answered.
/// </summary>
internal sealed class SubscriberIndex
{
    /// <summary>One bit each.</summary>
    public const int MaxLoops = 64;

    private readonly ConcurrentDictionary<RoomKey, Holders> _keys = new();
    private int _rooms;

    /// <summary>Rooms with members, each once in however many loops they are.</summary>
    public int Rooms => Volatile.Read(ref _rooms);

    /// <summary>The loops with subscribers, and those of them with one that takes the compressed form.</summary>
    public Holders Find(in RoomKey key) => _keys.GetValueOrDefault(key);

    /// <summary>The key has its first subscriber of this form in a loop.</summary>
    public void Add(in RoomKey key, FrameForm form, int loop) => Change(key, form, loop, isAdded: true);

    /// <summary>The last subscriber of this form in a loop has left.</summary>
    public void Remove(in RoomKey key, FrameForm form, int loop) => Change(key, form, loop, isAdded: false);

    private void Change(in RoomKey key, FrameForm form, int loop, bool isAdded)
    {
        while (true)
        {
            var isKnown = _keys.TryGetValue(key, out var before);
            var after = before.With(form, loop, isAdded);
            var isDone = !isKnown ? _keys.TryAdd(key, after)
                : after.IsEmpty ? _keys.TryRemove(new KeyValuePair<RoomKey, Holders>(key, before))
                : _keys.TryUpdate(key, after, before);
            if (!isDone)
            {
                continue; // another loop came first
            }

            if (key.Kind == RoomKeyKind.Room && (!isKnown || after.IsEmpty))
            {
                Interlocked.Add(ref _rooms, isKnown ? -1 : 1);
            }

            return;
        }
    }

    /// <summary>The loops in which somebody takes a form: a bit for each.</summary>
    public readonly record struct Holders(ulong Plain, ulong Deflated)
    {
        public bool IsEmpty => (Plain | Deflated) == 0;

        public bool AreDeflating => Deflated != 0;

        public bool Include(int loop) => ((Plain | Deflated) >> loop & 1) != 0;

        public Holders With(FrameForm form, int loop, bool isAdded)
        {
            var bit = 1UL << loop;
            var mask = form == FrameForm.Deflated ? Deflated : Plain;
            mask = isAdded ? mask | bit : mask & ~bit;
            return form == FrameForm.Deflated ? this with { Deflated = mask } : this with { Plain = mask };
        }
    }
}
