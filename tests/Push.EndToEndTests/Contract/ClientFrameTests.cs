using Push.EndToEndTests.Setup;
using Push.TestKit;
using Push.TestKit.Clients;
using Xunit;

namespace Push.EndToEndTests.Contract;

public sealed class ClientFrameTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private static readonly (string What, byte[] Frame, int CloseCode)[] BadFrames =
    [
        ("not masked", ClientFrames.Unmasked(ClientFrames.Text, "hello"u8), 1002),
        ("claims 2^40 bytes", ClientFrames.ClaimOf(1L << 40), 1009),
        ("not UTF-8", ClientFrames.Frame(ClientFrames.Text, [0xC3, 0x28]), 1007),
    ];

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task A_client_that_breaks_the_protocol_is_told_so_and_harms_nobody(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        var room = Site.Unique("room");
        var neighbour = await site.ConnectAsync(room);

        await Assert.AllAsync(BadFrames, async bad =>
        {
            using var client = await RawClient.UpgradeAsync(site.Edges[0], MintedToken.Of(Site.Unique("device")));
            await client.SendAsync(bad.Frame);
            var close = await client.SkipToCloseAsync().WithinAsync(Soon, $"close frame for one that is {bad.What}");
            Assert.Equal((bad.What, bad.CloseCode), (bad.What, close?.CloseCode));
        });

        Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = room, message = "unharmed" }, Cancelled)).Status);
        Assert.Equal(["unharmed"], await neighbour.ReceiveAsync(1, Soon, "a message after the bad frames"));
    }

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task A_client_may_talk_and_say_goodbye(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        var client = await site.ConnectAsync();

        await client.SendAsync("anything");
        await client.CloseAsync();

        Assert.Equal(1000, (await client.Closed).Code);
        Assert.Empty(client.Received);
    }
}
