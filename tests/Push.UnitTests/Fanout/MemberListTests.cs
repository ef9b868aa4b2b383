using CsCheck;
using Push.Edge.Connections;
using Push.Edge.Fanout;
using Xunit;

namespace Push.UnitTests.Fanout;

public sealed class MemberListTests
{
    private enum Step
    {
        Add,
        Remove,
        Snapshot,
        Return,
    }

    [Fact]
    public async Task Members_are_as_added_and_removed_and_snapshots_stay_as_taken()
    {
        await using var rig = new FanoutRig();
        Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 1000]).Array[1, 200].Sample(
            steps =>
            {
                var list = new MemberList();
                var expected = new List<Connection>();
                ArraySegment<Connection>? snapshot = null;
                Connection[] asTaken = [];
                foreach (var (step, at) in steps)
                {
                    switch (step)
                    {
                        case Step.Remove when expected.Count > 0:
                            var index = at % expected.Count;
                            var moved = list.RemoveAt(index);
                            Assert.Same(index == expected.Count - 1 ? null : expected[^1], moved);
                            expected[index] = expected[^1];
                            expected.RemoveAt(expected.Count - 1);
                            break;
                        case Step.Snapshot when snapshot is null:
                            snapshot = list.TakeSnapshot();
                            asTaken = [.. expected];
                            Assert.Equal(asTaken, snapshot);
                            break;
                        case Step.Return when snapshot is not null:
                            list.ReturnSnapshot(snapshot.Value);
                            snapshot = null;
                            break;
                        default:
                            expected.Add(new Connection(FanoutRig.Session(), [], rig.Shard, rig.Terms));
                            Assert.Equal(expected.Count - 1, list.Add(expected[^1]));
                            break;
                    }

                    Assert.Equal(asTaken, snapshot ?? asTaken);
                }

                Assert.Equal(expected.Count, list.Count);
                if (snapshot is { } last)
                {
                    list.ReturnSnapshot(last);
                }

                Assert.Equal(expected, list.TakeSnapshot());
            },
            iter: 500,
            threads: 1);
    }
}
