using System.Diagnostics;
using Push.IntegrationTests.Messaging;
using Push.TestKit.Servers;
using Xunit;

namespace Push.IntegrationTests.Ingest;

public sealed class BrokerRestartTests
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(10);

    // For a busy machine.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Across_a_restart_of_the_broker_each_message_is_delivered_once_and_in_order()
    {
        const int Each = 100;
        await using var broker = await BrokerServer.StartAsync(TestContext.Current.CancellationToken);
        await using var vhost = await broker.CreateVirtualHostAsync(TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(vhost.Address);
        var member = await edge.JoinAsync("1");

        var publishing = PublishOneByOneAsync(edge, 2 * Each);
        var received = await member.TakeAsync(Each / 2, "before the restart");
        await broker.StopAsync(TestContext.Current.CancellationToken);
        await edge.UntilReadyAsync(false);
        await broker.StartAgainAsync(TestContext.Current.CancellationToken);
        var back = Stopwatch.StartNew();
        await edge.UntilReadyAsync();
        Assert.True(back.Elapsed < Promise + Tolerance, $"ready {back.Elapsed} after the broker");

        received.AddRange(await member.TakeAsync((2 * Each) - received.Count, "after the restart"));
        await publishing;
        Assert.Equal(Enumerable.Range(0, 2 * Each).Select(i => $"{i}"), received);
    }

    /// <summary>Each with its id again until it is confirmed, as a publisher that must not lose one does.</summary>
    private static async Task PublishOneByOneAsync(BusHost publisher, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await publisher.Publisher.PublishPersistentlyAsync(Pushes.ToRoom("1", $"{i}", $"id-{i}"));
        }
    }
}
