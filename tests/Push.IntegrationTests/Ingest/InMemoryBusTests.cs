using Push.IntegrationTests.Messaging;
using Push.TestKit;
using Xunit;

namespace Push.IntegrationTests.Ingest;

public sealed class InMemoryBusTests
{
    [Fact]
    public async Task Publisher_and_Edge_of_one_process_need_no_broker_and_keep_the_order()
    {
        const int Count = 500;
        await using var edge = await EdgeHost.StartAsync(broker: null);
        var member = await edge.JoinAsync("1");
        for (var i = 0; i < Count; i++)
        {
            await edge.Publisher.PublishAsync(Pushes.ToRoom("1", $"{i}"));
        }

        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"{i}"), await member.TakeAsync(Count, "the in-memory bus delivers"));
    }

    [Fact]
    public async Task The_same_id_is_delivered_once()
    {
        await using var edge = await EdgeHost.StartAsync(broker: null);
        var member = await edge.JoinAsync("1");
        await edge.Publisher.PublishAsync(Pushes.ToRoom("1", "one", "goal-1"));
        await edge.Publisher.PublishAsync(Pushes.ToRoom("1", "again", "goal-1")).AsTask().WithinAsync(TimeSpan.FromSeconds(60), "publishing a duplicate");
        await edge.Publisher.PublishAsync(Pushes.ToRoom("1", "two", "goal-2"));
        Assert.Equal(["one", "two"], await member.TakeAsync(2, "the in-memory bus delivers"));
    }
}
