using Microsoft.Extensions.DependencyInjection;
using Push.Contracts;
using Push.IntegrationTests.Messaging;
using Push.Messaging;
using Push.TestKit;
using Push.TestKit.Network;
using Push.TestKit.Servers;
using RabbitMQ.Client;
using Xunit;

namespace Push.IntegrationTests.Ingest;

public sealed class StreamReadingTests(SharedBroker broker) : IAsyncLifetime
{
    private VirtualHost _vhost = null!;

    public async ValueTask InitializeAsync() => _vhost = await broker.CreateVirtualHostAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _vhost.DisposeAsync();

    [Fact]
    public async Task Every_member_of_the_room_receives_each_message_once_and_in_order()
    {
        await using var edge = await EdgeHost.StartAsync(_vhost.Address);
        await using var otherEdge = await EdgeHost.StartAsync(_vhost.Address);
        ReceivedTexts[] members = [await edge.JoinAsync("1"), await edge.JoinAsync("2", "1"), await otherEdge.JoinAsync("1")];
        var elsewhere = await edge.JoinAsync("3");
        await PublishAsync(edge, "1", 0, 200);
        await edge.Publisher.PublishAsync(Pushes.ToRoom("3", "for 3"));
        foreach (var member in members)
        {
            Assert.Equal(Numbers(0, 200), await member.TakeAsync(200, "a member reads its room"));
        }

        Assert.Equal("for 3", await elsewhere.NextAsync("another room's member reads"));
    }

    [Fact]
    public async Task It_reads_on_where_it_was_however_often_the_connection_is_cut()
    {
        await using var proxy = TcpProxy.Start(new ServerAddress(_vhost.Address.Host, _vhost.Address.Port));
        await using var edge = await EdgeHost.StartAsync(new UriBuilder(_vhost.Address) { Host = proxy.Address.Host, Port = proxy.Address.Port }.Uri);
        await using var publisher = await BusHost.StartPublisherAsync(_vhost.Address);
        await publisher.UntilReadyAsync();
        var member = await edge.JoinAsync("1");

        const int Rounds = 5;
        const int Each = 400;
        for (var round = 0; round < Rounds; round++)
        {
            var publishing = PublishAsync(publisher, "1", round * Each, Each);
            await member.NextAsync("the first message of a round");
            await proxy.CutAsync();
            await publishing;
            Assert.Equal(Numbers((round * Each) + 1, Each - 1), await member.TakeAsync(Each - 1, $"round {round}"));
        }
    }

    [Fact]
    public async Task A_starting_Edge_knows_the_ids_of_the_last_minutes_and_delivers_none_of_them()
    {
        await using (var publisher = await BusHost.StartPublisherAsync(_vhost.Address))
        {
            await publisher.UntilReadyAsync();
            await publisher.Publisher.PublishAsync(Pushes.ToRoom("1", "before", "goal-1"));
            await PublishAsync(publisher, "2", 0, 500);
        }

        await using var edge = await EdgeHost.StartAsync(_vhost.Address);
        var member = await edge.JoinAsync("1");
        await edge.Publisher.PublishAsync(Pushes.ToRoom("1", "the same again", "goal-1"));
        await edge.Publisher.PublishAsync(Pushes.ToRoom("1", "after", "goal-2"));
        Assert.Equal("after", await member.NextAsync("what is published after the start"));
    }

    [Fact]
    public async Task The_same_id_to_the_same_room_is_delivered_once_whoever_publishes_it()
    {
        await using var edge = await EdgeHost.StartAsync(_vhost.Address);
        await using var publisher = await BusHost.StartPublisherAsync(_vhost.Address);
        await publisher.UntilReadyAsync();
        var member = await edge.JoinAsync("1", "2");
        await publisher.Publisher.PublishAsync(Pushes.ToRoom("1", "one", "goal-1"));
        await edge.Publisher.PublishAsync(Pushes.ToRoom("1", "one again", "goal-1"));
        await edge.Publisher.PublishAsync(Pushes.ToRoom("2", "two", "goal-1"));
        Assert.Equal(["one", "two"], await member.TakeAsync(2, "two rooms with one id"));
    }

    [Fact]
    public async Task A_stream_that_was_deleted_is_made_anew_and_read_from_its_beginning()
    {
        await using var edge = await EdgeHost.StartAsync(_vhost.Address);
        var reader = edge.Services.GetRequiredService<IPublicationSource>();
        var member = await edge.JoinAsync("1");
        await PublishAsync(edge, "1", 0, 20);
        await member.TakeAsync(20, "before the deletion");
        var before = reader.Position!.Value;

        await OnChannelAsync(channel => channel.QueueDeleteAsync(BusNames.PushStream, false, false));
        await edge.Publisher.PublishPersistentlyAsync(Pushes.ToRoom("1", "after"));
        Assert.Equal("after", await member.NextAsync("after the deletion"));
        Assert.NotEqual(before.Epoch, reader.Position!.Value.Epoch);
    }

    [Fact]
    public async Task A_stream_that_runs_backwards_begins_a_new_epoch_and_loses_nothing()
    {
        await using var proxy = TcpProxy.Start(new ServerAddress(_vhost.Address.Host, _vhost.Address.Port));
        await using var edge = await EdgeHost.StartAsync(new UriBuilder(_vhost.Address) { Host = proxy.Address.Host, Port = proxy.Address.Port }.Uri);
        var reader = edge.Services.GetRequiredService<IPublicationSource>();
        var member = await edge.JoinAsync("1");
        await PublishAsync(edge, "1", 0, 20);
        await member.TakeAsync(20, "before the loss");
        var before = reader.Position!.Value;

        // The Edge is cut off while the stream loses what it held; nobody renews the epoch.
        await proxy.RefuseAsync();
        await OnChannelAsync(async channel =>
        {
            await channel.QueueDeleteAsync(BusNames.PushStream, false, false);
            await channel.QueueDeclareAsync(BusNames.PushStream, true, false, false, new Dictionary<string, object?> { ["x-queue-type"] = "stream" });
            await channel.QueueBindAsync(BusNames.PushStream, BusNames.PushExchange, "");
        });
        await using var publisher = await BusHost.StartPublisherAsync(_vhost.Address);
        await publisher.UntilReadyAsync();
        await publisher.Publisher.PublishAsync(Pushes.ToRoom("1", "while cut off"));
        proxy.Accept();
        await edge.UntilReadyAsync();
        await publisher.Publisher.PublishAsync(Pushes.ToRoom("1", "after"));

        Assert.Equal(["while cut off", "after"], await member.TakeAsync(2, "after the loss"));
        Assert.NotEqual(before.Epoch, reader.Position!.Value.Epoch);
    }

    private static async Task PublishAsync(BusHost publisher, string room, int first, int count) =>
        await Task.WhenAll(Enumerable.Range(first, count).Select(i => publisher.Publisher.PublishAsync(Pushes.ToRoom(room, $"{i}")).AsTask()))
            .WithinAsync(TimeSpan.FromSeconds(60), "publishing");

    private static IEnumerable<string> Numbers(int first, int count) => Enumerable.Range(first, count).Select(i => $"{i}");

    private async Task OnChannelAsync(Func<IChannel, Task> act)
    {
        await using var connection = await BrokerConnection.OpenAsync(_vhost.Address, TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync();
        await act(channel);
    }
}
