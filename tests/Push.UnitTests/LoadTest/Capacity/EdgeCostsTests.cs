using Push.LoadTest.Capacity;
using Xunit;

namespace Push.UnitTests.LoadTest.Capacity;

public sealed class EdgeCostsTests
{
    private static readonly EdgeCosts Costs = new(
        BaseCpu: 0.01, ConnectionCpu: 1e-6, MessageCpu: 1e-4, DeliveryCpu: 8e-6, BaseBytes: 80e6, ConnectionBytes: 4_000);

    [Fact]
    public void Costs_are_found_again_from_what_they_predict()
    {
        var load = new EdgeLoad(Connections: 9_000, RoomMembers: 10, MessagesPerSecond: 100);

        var found = EdgeCosts.From(
            Costs.Predict(edges: 1, load with { Connections = 500, MessagesPerSecond = 0 }),
            Costs.Predict(edges: 1, load with { MessagesPerSecond = 0 }),
            Costs.Predict(edges: 1, load),
            Costs.Predict(edges: 1, load with { RoomMembers = 90 }));

        Assert.Equal(Costs.BaseCpu, found.BaseCpu, tolerance: 1e-9);
        Assert.Equal(Costs.ConnectionCpu, found.ConnectionCpu, tolerance: 1e-12);
        Assert.Equal(Costs.MessageCpu, found.MessageCpu, tolerance: 1e-9);
        Assert.Equal(Costs.DeliveryCpu, found.DeliveryCpu, tolerance: 1e-12);
        Assert.Equal(Costs.BaseBytes, found.BaseBytes, tolerance: 1);
        Assert.Equal(Costs.ConnectionBytes, found.ConnectionBytes, tolerance: 1e-3);
    }

    [Fact]
    public void Every_Edge_reads_every_message_and_the_deliveries_are_shared()
    {
        var load = new EdgeLoad(Connections: 30_000, RoomMembers: 100, MessagesPerSecond: 50);

        var use = Costs.Predict(edges: 3, load);

        Assert.Equal((3 * (0.01 + (50 * 1e-4))) + (30_000 * 1e-6) + (5_000 * 8e-6), use.Cpu, tolerance: 1e-9);
        Assert.Equal((3 * 80e6) + (30_000 * 4_000.0), use.Bytes, tolerance: 1);
    }
}
