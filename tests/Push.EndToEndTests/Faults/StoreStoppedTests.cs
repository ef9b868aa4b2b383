using Push.EndToEndTests.Setup;
using Push.TestKit;
using Xunit;

namespace Push.EndToEndTests.Faults;

public sealed class StoreStoppedTests(Topologies topologies, ITestOutputHelper output) : StoreFaultTests(topologies, output)
{
    [Fact]
    public Task With_the_store_stopped_pushes_arrive_and_after_its_empty_return_nobody_is_closed() =>
        AssertHarmlessAsync(async (store, site, room) =>
        {
            var token = await site.Calls.GetTokenAsync(Site.Unique("device"), cancellationToken: Cancelled);
            var present = await site.ConnectAsync(room);

            await store.StopAsync(Cancelled);

            await AssertReachesAsync(site, room, "without a store", [present]);
            var heartbeat = await site.Calls.HeartbeatAsync(token, Cancelled).WithinAsync(Soon, "an answer to a heartbeat without a store");
            Assert.Equal(503, heartbeat.Status);
            Assert.True(heartbeat.RetryAfter > TimeSpan.Zero, $"no Retry-After: {heartbeat}");
            var newcomer = await site.ConnectAsync(room, edge: 1);
            await AssertReachesAsync(site, room, "to a newcomer", [present, newcomer]);

            await store.StartAgainAsync(Cancelled);
        });
}
