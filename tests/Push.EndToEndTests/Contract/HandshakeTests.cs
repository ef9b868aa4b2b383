using Push.EndToEndTests.Setup;
using Push.TestKit.Clients;
using Xunit;

namespace Push.EndToEndTests.Contract;

public sealed class HandshakeTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private static readonly Answer MissingToken = new(401, "Missing token");
    private static readonly Answer TokenError = new(401, "Token error");
    private static readonly Answer NoHandshake = new(400, "Invalid WebSocket handshake");

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task Tokens_are_checked_before_the_upgrade(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        var bad = MintedToken.Bad(await site.Calls.GetTokenAsync(Site.Unique("device"), cancellationToken: Cancelled));

        Assert.Equal(MissingToken, await HandshakeAsync(site, "/ws"));
        Assert.Equal(MissingToken, await HandshakeAsync(site, "/ws?roomIds=1"));
        Assert.Equal(MissingToken, await HandshakeAsync(site, "/ws?token="));
        await Assert.AllAsync(bad, async token => Assert.Equal((token.Key, TokenError), (token.Key, await HandshakeAsync(site, $"/ws?token={token.Value}"))));

        // Below HTTP and above it, a good one still gets in.
        using var good = await RawClient.UpgradeAsync(site.Edges[0], MintedToken.Of("bare"));
    }

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task A_plain_get_is_told_what_is_missing(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        using var http = new PushCalls(new UriBuilder(site.Edges[0]) { Scheme = Uri.UriSchemeHttp, Path = "/" }.Uri);
        var token = await site.Calls.GetTokenAsync(Site.Unique("device"), cancellationToken: Cancelled);

        Assert.Equal(NoHandshake, await http.GetAsync("/ws", Cancelled));
        Assert.Equal(NoHandshake, await http.GetAsync($"/ws?token={token}", Cancelled));
    }

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task A_malformed_room_is_refused(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        var token = await site.Calls.GetTokenAsync(Site.Unique("device"), cancellationToken: Cancelled);
        string[] malformed = ["a%20b", "a%00b", "a%0Ab", "caf%C3%A9", "a/b", new string('r', 65), new string('r', 5000), $"good,{new string('r', 65)}"];

        await Assert.AllAsync(malformed, async rooms =>
        {
            var answer = await HandshakeAsync(site, $"/ws?token={token}&roomIds={rooms}");
            Assert.Equal((rooms, 400), (rooms, answer.Status));
            Assert.StartsWith("Invalid room id", answer.Body, StringComparison.Ordinal);
        });
    }

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task The_first_two_rooms_count_once_they_are_tidied_up(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        var (first, second, third) = (Site.Unique("room"), Site.Unique("room"), Site.Unique("room"));
        var client = await site.ConnectAsync($" {first} ,, {first},{second} ,{third},not a room");
        var roomless = await site.ConnectAsync();

        foreach (var room in new[] { third, first, second })
        {
            Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = room, message = room }, Cancelled)).Status);
        }

        Assert.Equal([first, second], await client.ReceiveAsync(2, Soon, "messages of the first two rooms"));
        Assert.Empty(roomless.Received);
        Assert.True(roomless.IsOpen);
    }

    private static Task<Answer> HandshakeAsync(Site site, string pathAndQuery) => RawClient.HandshakeAsync(site.Edges[0], pathAndQuery);
}
