using Push.EndToEndTests.Setup;
using Push.TestKit.Clients;
using Xunit;

namespace Push.EndToEndTests.Delivery;

public sealed class TargetTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private const string Last = "last";

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task A_user_is_reached_on_every_edge_and_nobody_else_is(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        var (room, user) = (Site.Unique("room"), Site.Unique("user"));
        var own = await Task.WhenAll(site.ConnectAsync(room, user, edge: 0), site.ConnectAsync(room, user, edge: 1));
        var others = await Task.WhenAll(
            site.ConnectAsync(room, Site.Unique("user"), edge: 0),
            site.ConnectAsync(room, edge: 1),
            site.ConnectAsync(room, deviceId: user));

        Assert.Equal(200, (await site.Calls.PublishAsync(new { userId = user, message = "for the user" }, Cancelled)).Status);

        await AssertReceivedAsync(site, room, own, "for the user");
        await AssertReceivedAsync(site, room, others);
    }

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task A_device_is_reached_on_every_edge_and_nobody_else_is(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        var (room, device) = (Site.Unique("room"), Site.Unique("device"));
        var own = await Task.WhenAll(site.ConnectAsync(room, deviceId: device, edge: 0), site.ConnectAsync(room, deviceId: device, edge: 1));
        var others = await Task.WhenAll(site.ConnectAsync(room, edge: 0), site.ConnectAsync(room, userId: device, edge: 1));

        Assert.Equal(200, (await site.Calls.PublishAsync(new { deviceId = device, message = "for the device" }, Cancelled)).Status);

        await AssertReceivedAsync(site, room, own, "for the device");
        await AssertReceivedAsync(site, room, others);
    }

    [Theory]
    [MemberData(nameof(Entrances.OfEveryTopology), MemberType = typeof(Entrances))]
    public async Task A_retry_with_the_same_id_is_delivered_once_whichever_api_takes_it(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        var (room, other) = (Site.Unique("room"), Site.Unique("room"));
        var clients = await Task.WhenAll(site.ConnectAsync(room, edge: 0), site.ConnectAsync(room, edge: 1));
        var elsewhere = await site.ConnectAsync(other);

        foreach (var api in new[] { site.Apis[0], site.Apis[^1], site.Apis[0] })
        {
            Assert.Equal("""{"message":"message sent","id":"goal-1"}""", (await api.PublishAsync(new { roomId = room, id = "goal-1", message = "once" }, Cancelled)).Body);
        }

        // An id belongs to its room: another one's first goal is no retry.
        Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = other, id = "goal-1", message = "elsewhere" }, Cancelled)).Status);

        await AssertReceivedAsync(site, room, clients, "once");
        Assert.Equal(["elsewhere"], await elsewhere.ReceiveAsync(1, Soon, "the same id in another room"));
    }

    /// <summary>What is published to the room now comes after everything else that could be on its way.</summary>
    private static async Task AssertReceivedAsync(Site site, string room, IEnumerable<PlainClient> clients, params string[] expected)
    {
        var last = Site.Unique(Last);
        Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = room, message = last }, Cancelled)).Status);
        foreach (var client in clients)
        {
            var received = await client.ReceiveUntilAsync(last, Soon, "the last message");
            Assert.Equal(expected, received.Where(message => !message.StartsWith(Last, StringComparison.Ordinal)));
        }
    }
}
