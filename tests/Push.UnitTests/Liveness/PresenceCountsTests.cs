using CsCheck;
using Push.Edge.Connections;
using Push.Edge.Liveness;
using Push.Presence;
using Push.UnitTests.Fanout;
using Xunit;

namespace Push.UnitTests.Liveness;

public sealed class PresenceCountsTests
{
    private static readonly string[][] Rooms = [[], ["a"], ["b"], ["a", "b"]];

    [Fact]
    public async Task Counts_in_the_store_follow_whoever_comes_and_goes_however_often_it_is_told()
    {
        await using var rig = new FanoutRig();
        var connections = Enumerable.Range(0, 12).Select(i => Open(rig, i % 3 == 0 ? null : $"u{i % 3}", Rooms[i % 4])).ToArray();

        Gen.Select(Gen.Int[0, 11], Gen.Bool).Array[0, 60].Sample(changes =>
        {
            var counts = new PresenceCounts();
            var open = new HashSet<Connection>();
            var (rooms, users) = (new Dictionary<string, int>(), new Dictionary<string, int>());
            var batch = new PresenceBatch();
            foreach (var (index, isOpen) in changes)
            {
                counts.Apply(new PresenceChange(connections[index], isOpen ? connections[index].Rooms : null), batch);
                _ = isOpen ? open.Add(connections[index]) : open.Remove(connections[index]);
                if (index == 0)
                {
                    Write(batch, rooms, users);
                    batch = new PresenceBatch();
                }
            }

            Write(batch, rooms, users);
            Assert.Equal(Sorted(open.SelectMany(connection => connection.Rooms)), rooms.OrderBy(count => count.Key));
            Assert.Equal(Sorted(open.Select(connection => connection.Session.UserId).OfType<string>()), users.OrderBy(count => count.Key));
        });
    }

    [Fact]
    public async Task What_is_known_already_is_not_written_again()
    {
        await using var rig = new FanoutRig();
        var connection = Open(rig, "u1", "a");
        var counts = new PresenceCounts();
        counts.Apply(new PresenceChange(connection, connection.Rooms), new PresenceBatch());
        var batch = new PresenceBatch();

        counts.Apply(new PresenceChange(connection, connection.Rooms), batch);
        Assert.Equal(0, batch.Count);

        counts.Clear();
        counts.Apply(new PresenceChange(connection, connection.Rooms), batch);
        Assert.Equal([new PresenceEntry(connection.Id.ToString(), connection.Session.TokenId)], batch.Opened);
        Assert.Equal(1, batch.Rooms["a"]);
    }

    [Fact]
    public async Task A_change_of_rooms_counts_the_rooms_and_nothing_else()
    {
        await using var rig = new FanoutRig();
        var connection = Open(rig, "u1", "a", "b");
        var counts = new PresenceCounts();
        counts.Apply(new PresenceChange(connection, ["a", "b"]), new PresenceBatch());
        var batch = new PresenceBatch();

        counts.Apply(new PresenceChange(connection, ["b", "c"]), batch);

        Assert.Equal((0, 0), (batch.Opened.Count, batch.Users.Count));
        Assert.Equal([("a", 0), ("c", 1)], batch.Rooms.Select(room => (room.Key, room.Value)).Order());
    }

    private static Connection Open(FanoutRig rig, string? userId, params string[] rooms) => rig.Open(new ScriptedTransport(), FanoutRig.Session(userId), rooms);

    /// <summary>What the store makes of a batch.</summary>
    private static void Write(PresenceBatch batch, Dictionary<string, int> rooms, Dictionary<string, int> users)
    {
        foreach (var (from, to) in ((Dictionary<string, int>, Dictionary<string, int>)[])[(batch.Rooms, rooms), (batch.Users, users)])
        {
            foreach (var (key, count) in from)
            {
                _ = count > 0 ? (to[key] = count) > 0 : to.Remove(key);
            }
        }
    }

    private static IEnumerable<KeyValuePair<string, int>> Sorted(IEnumerable<string> keys) =>
        keys.CountBy(key => key).OrderBy(count => count.Key);
}
