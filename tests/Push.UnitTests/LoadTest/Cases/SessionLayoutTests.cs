using CsCheck;
using Push.LoadTest.Cases;
using Push.LoadTest.Subscribing;
using Xunit;

namespace Push.UnitTests.LoadTest.Cases;

public sealed class SessionLayoutTests
{
    [Fact]
    public void Processes_share_every_room_without_losing_a_member() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[0, 100].Array[1, 10], Gen.Int[0, 10]).Sample((processes, members, stalling) =>
        {
            var layout = new SessionLayout([.. members.Select((m, i) => new RoomMembers($"room-{i}", i, m, stalling))], Lanes: 1);
            var shares = layout.Split(processes);
            Assert.Equal(processes, shares.Count);
            for (var i = 0; i < members.Length; i++)
            {
                Assert.Equal(members[i], shares.Sum(s => s[i].Members));
                Assert.Equal(stalling, shares.Sum(s => s[i].Stalling));
            }
        });

    [Fact]
    public void Connections_are_spread_evenly()
    {
        var rooms = SessionLayout.Even(connections: 10, rooms: 4);
        Assert.Equal([3, 3, 2, 2], rooms.Select(r => r.Members));
        Assert.Equal(4, rooms.Select(r => r.Name).Distinct().Count());
    }
}
