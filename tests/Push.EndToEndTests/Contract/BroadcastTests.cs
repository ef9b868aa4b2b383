using Push.EndToEndTests.Setup;
using Xunit;

namespace Push.EndToEndTests.Contract;

[Collection(AloneCollection.Name)]
public sealed class BroadcastTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task Without_a_room_a_message_is_for_everybody(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        var inRoom = await site.ConnectAsync(Site.Unique("room"), edge: 0);
        var roomless = await site.ConnectAsync(edge: 1);

        Assert.Equal(200, (await site.Calls.PublishAsync(new { message = "absent" }, Cancelled)).Status);
        Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = (string?)null, message = "null" }, Cancelled)).Status);
        Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = "", message = "empty" }, Cancelled)).Status);

        Assert.Equal(["absent", "null", "empty"], await inRoom.ReceiveAsync(3, Soon, "broadcasts to a client in a room"));
        Assert.Equal(["absent", "null", "empty"], await roomless.ReceiveAsync(3, Soon, "broadcasts to a client without rooms"));
    }
}
