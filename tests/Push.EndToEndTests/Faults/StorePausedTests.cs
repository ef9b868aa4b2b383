using Push.EndToEndTests.Setup;
using Xunit;

namespace Push.EndToEndTests.Faults;

public sealed class StorePausedTests(Topologies topologies, ITestOutputHelper output) : StoreFaultTests(topologies, output)
{
    // Twice the heartbeat time-out: every key has run out when the store answers again.
    private static readonly TimeSpan Pause = HeartbeatTimeout * 2;

    [Fact]
    public Task A_store_that_was_paused_for_two_time_outs_costs_nobody_the_connection() =>
        AssertHarmlessAsync(async (store, _, _) =>
        {
            await store.PauseAsync(Cancelled);
            await Task.Delay(Pause, Cancelled);
            await store.ResumeAsync(Cancelled);
        });
}
