using Push.EndToEndTests.Setup;
using Xunit;

namespace Push.EndToEndTests.Delivery;

public sealed class FanoutTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private const string Last = "last";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task Each_of_200_clients_gets_exactly_the_10_messages_of_its_room(Entrance entrance)
    {
        const int Rooms = 4;
        const int Clients = 200;
        const int MessagesOfARoom = 10;

        var site = await EnterAsync(entrance);
        var rooms = Enumerable.Range(0, Rooms).Select(_ => Site.Unique("room")).ToArray();
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(i => site.ConnectAsync(rooms[i % Rooms], edge: i / Rooms)));

        var answers = await Task.WhenAll(Enumerable.Range(0, Rooms * MessagesOfARoom).Select(i =>
            site.Apis[i % site.Apis.Count].PublishAsync(new { roomId = rooms[i % Rooms], message = $"{rooms[i % Rooms]}/{i / Rooms}" }, Cancelled)));
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        await Task.WhenAll(rooms.Select(room => site.Calls.PublishAsync(new { roomId = room, message = Last }, Cancelled)));

        for (var i = 0; i < Clients; i++)
        {
            var received = await clients[i].ReceiveUntilAsync(Last, Limit, $"client {i}");
            Assert.Equal(Enumerable.Range(0, MessagesOfARoom).Select(message => $"{rooms[i % Rooms]}/{message}"), received.Order());
        }
    }

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task One_publishers_200_messages_arrive_in_their_order(Entrance entrance)
    {
        const int Messages = 200;

        var site = await EnterAsync(entrance);
        var room = Site.Unique("room");
        var clients = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => site.ConnectAsync(room, edge: i)));

        for (var i = 0; i < Messages; i++)
        {
            Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = room, message = $"{i}" }, Cancelled)).Status);
        }

        foreach (var client in clients)
        {
            Assert.Equal(Enumerable.Range(0, Messages).Select(i => $"{i}"), await client.ReceiveAsync(Messages, Limit, "200 messages in order"));
        }
    }
}
