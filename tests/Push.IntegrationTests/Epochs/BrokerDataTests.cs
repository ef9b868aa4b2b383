using Push.TestKit.Servers;
using Xunit;

namespace Push.IntegrationTests.Epochs;

/// <summary>What clients receive when the broker's data change under two live Edges and an Api.</summary>
public sealed class BrokerDataTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_whose_data_was_wiped_delivers_what_is_new_and_nothing_else()
    {
        await using var broker = await OwnBrokerAsync();
        await using var world = await World.StartAsync(broker.Address);
        world.BeginPublishing(2);
        await EpochTests.WaitForConfirmedAsync(world, 200);
        await world.UntilReceivedAsync();
        await broker.StopAsync(Cancelled);
        broker.ReplaceData(null);
        await broker.StartAgainAsync(Cancelled);
        await EpochTests.WaitForConfirmedAsync(world, world.Confirmed.Count + 100);

        await world.SettleAsync();
        world.AssertNothingTwice();
        world.AssertNothingLost();
    }

    [Fact]
    public async Task An_older_copy_of_the_brokers_data_brings_nothing_back()
    {
        await using var broker = await OwnBrokerAsync();
        await using var world = await World.StartAsync(broker.Address);
        world.BeginPublishing(2);
        await EpochTests.WaitForConfirmedAsync(world, 200);
        await world.UntilReceivedAsync();
        await broker.StopAsync(Cancelled);
        using var copy = broker.CopyData();
        await broker.StartAgainAsync(Cancelled);
        await EpochTests.WaitForConfirmedAsync(world, world.Confirmed.Count + 200);
        await world.UntilReceivedAsync();
        await broker.StopAsync(Cancelled);
        broker.ReplaceData(copy);
        await broker.StartAgainAsync(Cancelled);
        await EpochTests.WaitForConfirmedAsync(world, world.Confirmed.Count + 200);

        await world.SettleAsync();
        world.AssertNothingTwice();
        world.AssertNothingLost();
    }

    internal static async Task<BrokerServer> OwnBrokerAsync()
    {
        var broker = await BrokerServer.StartWithDataAtHandAsync(Cancelled);
        Assert.SkipWhen(broker is null, "The broker's data can be changed only where rabbitmq-server is installed.");
        return broker!;
    }
}
