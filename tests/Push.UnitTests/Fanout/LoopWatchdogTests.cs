using Push.Edge.Fanout;
using Push.TestKit.Capture;
using Xunit;

namespace Push.UnitTests.Fanout;

public sealed class LoopWatchdogTests
{
    [Fact]
    public async Task A_loop_that_stands_still_is_named()
    {
        await using var rig = new FanoutRig(options => options.Loops = 2);
        using var log = new CapturedLog();
        using var watchdog = new LoopWatchdog(rig.Loops.All.ToArray(), log.CreateLogger("watchdog"));

        for (var check = 0; check < 10; check++)
        {
            rig.Loops.All[0].RunRound(waits: false);
            watchdog.Look();
        }

        var line = Assert.Single(log.Lines);
        Assert.Contains("Loop 1 has ended no round for 5 s", line, StringComparison.Ordinal);
    }
}
