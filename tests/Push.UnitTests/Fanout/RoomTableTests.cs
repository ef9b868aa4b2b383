using CsCheck;
using Push.Auth.Tokens;
using Push.Contracts;
using Push.Edge.Connections;
using Push.Edge.Fanout;
using Xunit;

namespace Push.UnitTests.Fanout;

public sealed class RoomTableTests : IAsyncDisposable
{
    private static readonly Gen<string?> Principal = Gen.OneOf(Gen.Const((string?)null), Gen.Const<string?>("a"), Gen.Const<string?>("b"), Gen.Const<string?>("c"));

    private static readonly Gen<(SessionToken Session, string[] Rooms)> Client = Gen.Select(
        Principal,
        Principal,
        Gen.Int[0, 4].Array[0, 2],
        (user, device, rooms) => (FanoutRig.Session(user, device), rooms.Distinct().Select(room => $"room-{room}").ToArray()));

    private static readonly RoomKey[] Targets =
    [
        RoomKey.Everybody,
        .. Enumerable.Range(0, 5).Select(room => RoomKey.Room($"room-{room}")),
        .. "abc".Select(id => RoomKey.User($"{id}")),
        .. "abc".Select(id => RoomKey.Device($"{id}")),
    ];

    private readonly FanoutRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public void Every_target_finds_exactly_its_connections_while_clients_come_and_go() =>
        Gen.Select(Client, Gen.Bool, Gen.Int[0, 1000]).Array[1, 60].Sample(
            steps =>
            {
                var index = new SubscriberIndex();
                var table = new RoomTable(0, index);
                var live = new List<Connection>();
                foreach (var (client, leaves, at) in steps)
                {
                    if (leaves && live.Count > 0)
                    {
                        table.Leave(live[at % live.Count]);
                        live.RemoveAt(at % live.Count);
                    }
                    else
                    {
                        live.Add(Create(client.Session, client.Rooms));
                        table.Join(live[^1]);
                    }

                    foreach (var target in Targets)
                    {
                        Assert.Equal(live.Exists(connection => IsMeant(connection, target)), !index.Find(target).IsEmpty);
                        Assert.Equal(live.Where(connection => IsMeant(connection, target)).Select(c => c.Id.ToString()).Order(), Find(table, target).Select(c => c.Id.ToString()).Order());
                    }
                }

                live.ForEach(table.Leave);
                Assert.Equal(0, table.KeyCount);
                Assert.Equal(0, index.Rooms);
                Assert.All(Targets, target => Assert.Null(table.Find(target)));
            },
            iter: 300,
            threads: 1);

    [Fact]
    public void Empty_rooms_are_freed()
    {
        var table = new RoomTable(0, new SubscriberIndex());
        for (var i = 0; i < 10_000; i++)
        {
            var connection = Create(FanoutRig.Session(), [$"room-{i}"]);
            table.Join(connection);
            table.Leave(connection);
        }

        Assert.Equal(0, table.KeyCount);
    }

    [Fact]
    public void A_single_connection_of_a_user_is_held_by_a_bare_reference()
    {
        var table = new RoomTable(0, new SubscriberIndex());
        var connection = Create(FanoutRig.Session("u", "d"), []);

        table.Join(connection);

        Assert.Same(connection, table.Find(RoomKey.User("u")));
        Assert.Same(connection, table.Find(RoomKey.Device("d")));
    }

    private static bool IsMeant(Connection connection, RoomKey target) => target.Kind switch
    {
        RoomKeyKind.Room => connection.Rooms.Contains(target.Id),
        RoomKeyKind.User => connection.Session.UserId == target.Id,
        RoomKeyKind.Device => connection.Session.DeviceId == target.Id,
        _ => true,
    };

    private static Connection[] Find(RoomTable table, RoomKey target)
    {
        switch (table.Find(target))
        {
            case Connection connection:
                return [connection];
            case Room room:
                var pool = new BatchPool();
                room.Append(new EncodedPublication(target, [0]));
                room.BeginPass(pool, now: 0);
                var members = room.NextSlice(int.MaxValue, out _).ToArray();
                Assert.True(room.IsServed);
                room.EndPass(pool);
                return members;
            default:
                return [];
        }
    }

    private Connection Create(SessionToken session, string[] rooms) => new(session, rooms, FrameForm.Plain, loop: 0, _rig.Terms);
}
