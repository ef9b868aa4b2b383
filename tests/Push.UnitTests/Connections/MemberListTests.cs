using CsCheck;
using Push.Edge.Connections;
using Push.UnitTests.Fanout;
using Xunit;

namespace Push.UnitTests.Connections;

public sealed class MemberListTests
{
    private enum Step
    {
        Add,
        Remove,
        Begin,
        Serve,
    }

    [Fact]
    public async Task A_pass_serves_whoever_was_there_and_stays_once_each()
    {
        await using var rig = new FanoutRig();
        Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 1000]).Array[1, 300].Sample(
            steps =>
            {
                var list = new MemberList();
                var members = new List<Connection>();
                var (due, served) = (new HashSet<Connection>(), new List<Connection>());
                foreach (var (step, at) in steps)
                {
                    switch (step)
                    {
                        case Step.Remove when members.Count > 0:
                            var leaver = members[at % members.Count];
                            list.Remove(leaver);
                            members.Remove(leaver);
                            due.Remove(leaver);
                            served.Remove(leaver);
                            break;
                        case Step.Begin when list.IsServed:
                            Assert.Equal(due, served.ToHashSet());
                            Assert.Equal(due.Count, served.Count);
                            list.BeginPass();
                            (due, served) = ([.. members], []);
                            break;
                        case Step.Serve:
                            served.AddRange(list.NextSlice(1 + (at % 5)));
                            break;
                        default:
                            members.Add(new Connection(FanoutRig.Session(), [], FrameForm.Plain, loop: 0, rig.Terms));
                            list.Add(members[^1]);
                            break;
                    }

                    Assert.Equal(members.Count, list.Count);
                }

                served.AddRange(list.NextSlice(int.MaxValue));
                Assert.True(list.IsServed);
                Assert.Equal(due, served.ToHashSet());
                Assert.Equal(due.Count, served.Count);
            },
            iter: 500,
            threads: 1);
    }
}
