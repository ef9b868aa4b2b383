using System.Net.Http.Headers;
using System.Text;
using Push.EndToEndTests.Setup;
using Push.TestKit.Clients;
using Xunit;

namespace Push.EndToEndTests.Contract;

public sealed class BadPushTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private static readonly string LongRoom = new('r', 5000);
    private static readonly string LongId = new('i', 5000);

    /// <summary>Bodies that are refused with 400, and what the refusal names.</summary>
    private static readonly (string Body, string Named)[] BadBodies =
    [
        ("", "body"),
        ("   ", "body"),
        ("""{"message":"x","roomId":"1""", "body"),
        ("null", "body"),
        ("\"text\"", "body"),
        ("[1]", "body"),
        ("42", "body"),
        ("{}", "message"),
        ("""{"roomId":"1"}""", "message"),
        ("""{"roomId":"1","message":null}""", "message"),
        ("""{"roomId":"1","message":42}""", "message"),
        ("""{"roomId":"1","message":true}""", "message"),
        ("""{"roomId":{"id":1},"message":"x"}""", "roomId"),
        ("""{"roomId":["1"],"message":"x"}""", "roomId"),
        ("""{"roomId":true,"message":"x"}""", "roomId"),
        ("""{"roomId":1.5,"message":"x"}""", "roomId"),
        ("""{"roomId":1e3,"message":"x"}""", "roomId"),
        ("""{"roomId":"a b","message":"x"}""", "roomId"),
        ("""{"roomId":"a\u0000b","message":"x"}""", "roomId"),
        ("""{"roomId":"a\nb","message":"x"}""", "roomId"),
        ("""{"roomId":"\ud800","message":"x"}""", "roomId"),
        ($$"""{"roomId":"{{LongRoom}}","message":"x"}""", "roomId"),
        ($$"""{"userId":"{{LongId}}","message":"x"}""", "userId"),
        ($$"""{"deviceId":"{{LongId}}","message":"x"}""", "deviceId"),
        ($$"""{"roomId":"1","id":"{{LongId}}","message":"x"}""", "id"),
        ("""{"roomId":"1","userId":"2","message":"x"}""", "userId"),
        ("""{"roomId":"1","occurredAt":"yesterday","message":"x"}""", "occurredAt"),
        ("""{"roomId":"1","message":"\ud800"}""", "message"),
    ];

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task A_bad_body_is_refused_with_the_name_of_what_is_wrong(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        var notUtf8 = "{\"roomId\":\"1\",\"message\":\"\u00ff\"}".Select(character => (byte)character).ToArray();
        var cases = BadBodies.Select(bad => (Body: Encoding.UTF8.GetBytes(bad.Body), bad.Named)).Append((Body: notUtf8, Named: "body"));

        await Assert.AllAsync(cases, async bad =>
        {
            var answer = await site.Calls.PostAsync(Json(bad.Body), Cancelled);
            Assert.Equal(400, answer.Status);
            Assert.StartsWith("""{"error":""", answer.Body, StringComparison.Ordinal);
            Assert.Contains(bad.Named, answer.Body, StringComparison.OrdinalIgnoreCase);
        });

        await AssertWorksAsync(site);
    }

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task What_is_too_large_is_refused_with_413(Entrance entrance)
    {
        const int LargestMessage = 32 * 1024;
        var site = await EnterAsync(entrance);
        var room = Site.Unique("room");
        var client = await site.ConnectAsync(room);
        var largest = new string('m', LargestMessage - 2);

        Assert.Equal(413, (await site.Calls.PublishAsync(new { roomId = room, message = $"{largest}m" }, Cancelled)).Status);
        Assert.Equal(413, (await site.Calls.PostAsync(Json(Encoding.UTF8.GetBytes($$"""{"message":"{{new string('m', 20 << 20)}}"}""")), Cancelled)).Status);

        Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = room, message = largest }, Cancelled)).Status);
        Assert.Equal([largest], await client.ReceiveAsync(1, Soon, "the largest message"));
    }

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task Another_content_type_or_method_is_refused(Entrance entrance)
    {
        var site = await EnterAsync(entrance);

        using var form = new FormUrlEncodedContent([new("message", "x")]);
        Assert.Equal(415, (await site.Calls.PostAsync(form, Cancelled)).Status);
        Assert.Equal(405, (await site.Calls.GetAsync(PushCalls.PublishPath, Cancelled)).Status);

        await AssertWorksAsync(site);
    }

    private static ByteArrayContent Json(byte[] body) =>
        new(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private static async Task AssertWorksAsync(Site site)
    {
        var room = Site.Unique("room");
        var client = await site.ConnectAsync(room);
        Assert.Equal(200, (await site.Calls.GetAsync("/health", Cancelled)).Status);
        Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = room, message = "still here" }, Cancelled)).Status);
        Assert.Equal(["still here"], await client.ReceiveAsync(1, Soon, "a message after the bad ones"));
    }
}
