using CsCheck;
using Push.Auth.Tokens;
using Push.Contracts;
using Push.Edge.Connections;
using Push.Edge.Fanout;
using Xunit;

namespace Push.UnitTests.Fanout;

public sealed class RoomRegistryTests : IAsyncDisposable
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
                var registry = new RoomRegistry();
                var live = new List<Connection>();
                foreach (var (client, leaves, at) in steps)
                {
                    if (leaves && live.Count > 0)
                    {
                        registry.Leave(live[at % live.Count]);
                        live.RemoveAt(at % live.Count);
                    }
                    else
                    {
                        live.Add(new Connection(client.Session, client.Rooms, _rig.Shard, _rig.Terms));
                        registry.Join(live[^1]);
                    }

                    foreach (var target in Targets)
                    {
                        Assert.Equal(live.Where(connection => IsMeant(connection, target)).Select(c => c.Id).Order(), Find(registry, target).Select(c => c.Id).Order());
                    }
                }

                live.ForEach(registry.Leave);
                Assert.Equal(0, registry.TargetCount);
                Assert.All(Targets, target => Assert.Null(registry.Find(target)));
            },
            iter: 300,
            threads: 1);

    [Fact]
    public void Empty_rooms_are_freed()
    {
        var registry = new RoomRegistry();
        for (var i = 0; i < 10_000; i++)
        {
            var connection = new Connection(FanoutRig.Session(), [$"room-{i}"], _rig.Shard, _rig.Terms);
            registry.Join(connection);
            registry.Leave(connection);
        }

        Assert.Empty(registry.ListRooms());
    }

    [Fact]
    public void A_single_connection_of_a_user_is_held_by_a_bare_reference()
    {
        var registry = new RoomRegistry();
        var connection = new Connection(FanoutRig.Session("u", "d"), [], _rig.Shard, _rig.Terms);

        registry.Join(connection);

        Assert.Same(connection, registry.Find(RoomKey.User("u")));
        Assert.Same(connection, registry.Find(RoomKey.Device("d")));
    }

    private static bool IsMeant(Connection connection, RoomKey target) => target.Kind switch
    {
        RoomKeyKind.Room => connection.Rooms.Contains(target.Id),
        RoomKeyKind.User => connection.Session.UserId == target.Id,
        RoomKeyKind.Device => connection.Session.DeviceId == target.Id,
        _ => true,
    };

    private static Connection[] Find(RoomRegistry registry, RoomKey target)
    {
        switch (registry.Find(target))
        {
            case Connection connection:
                return [connection];
            case Subscribers subscribers:
                subscribers.Append(new EncodedFrame([0]), default, new BatchPool());
                subscribers.BeginPass(now: 0);
                var members = subscribers.Pass.Members.ToArray();
                subscribers.EndPass().Release();
                return members;
            default:
                return [];
        }
    }
}
