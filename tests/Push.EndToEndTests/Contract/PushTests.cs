using System.Text.Json;
using Push.EndToEndTests.Setup;
using Xunit;

namespace Push.EndToEndTests.Contract;

public sealed class PushTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task A_message_arrives_as_it_was_pushed_and_nothing_else_does(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        var room = Site.Unique("room");
        var client = await site.ConnectAsync(room);
        object[] messages =
        [
            "Goal!",
            "",
            "Line one\n\"two\", \\ and ⚽ 𝄞",
            new { type = "goal", score = new[] { 1, 0 }, at = new { minute = "45+3", last = (string?)null } },
            new object[] { 1, "two", true },
        ];

        foreach (var message in messages)
        {
            Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = room, message }, Cancelled)).Status);
        }

        var received = await client.ReceiveAsync(messages.Length, Soon, "messages of every kind");
        Assert.Equal(messages.Take(3), received.Take(3));
        Assert.Equal("""{"type":"goal","score":[1,0],"at":{"minute":"45+3","last":null}}""", received[3]);
        Assert.Equal("""[1,"two",true]""", received[4]);
    }

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task A_room_may_be_a_number_and_the_answer_tells_the_message_id(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        var number = Random.Shared.NextInt64(1_000_000_000, long.MaxValue);
        var client = await site.ConnectAsync($"{number}");

        var withoutId = await site.Calls.PublishAsync(new { roomId = number, message = "first" }, Cancelled);
        var withId = await site.Calls.PublishAsync(new { roomId = $"{number}", id = "goal-2", message = "second" }, Cancelled);

        Assert.Equal(["first", "second"], await client.ReceiveAsync(2, Soon, "both messages"));
        using var answer = JsonDocument.Parse(withoutId.Body);
        Assert.Equal("message sent", answer.RootElement.GetProperty("message").GetString());
        Assert.NotEmpty(answer.RootElement.GetProperty("id").GetString()!);
        Assert.Equal("""{"message":"message sent","id":"goal-2"}""", withId.Body);
    }
}
