using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Push.Contracts;
using Push.ServiceDefaults.Bus;
using Xunit;

namespace Push.UnitTests.Bus;

public sealed class OutgoingPushTests
{
    [Fact]
    public void The_body_is_compact_camelCase_JSON_with_readable_text()
    {
        using var message = JsonDocument.Parse("""{ "scorer" : "Müller" }""");
        using var push = new OutgoingPush(new PushRequested { Id = "goal-1", Message = message.RootElement, RoomId = "1001" }, PushTarget.Room("1001"));
        Assert.Equal("""{"id":"goal-1","message":{"scorer":"Müller"},"roomId":"1001"}""", Encoding.UTF8.GetString(push.Body.Span));
    }

    [Fact]
    public void Headers_say_target_id_and_trace()
    {
        using var activity = new Activity("publish").SetIdFormat(ActivityIdFormat.W3C).Start();
        using var message = JsonDocument.Parse("\"GOAL\"");
        using var push = new OutgoingPush(new PushRequested { Id = "goal-1", Message = message.RootElement, RoomId = "1001" }, PushTarget.Room("1001"));
        Assert.Equal("room:1001", push.Properties.Headers![BusNames.TargetHeader]);
        Assert.Equal("goal-1", push.Properties.Headers[BusNames.IdHeader]);
        Assert.Equal(activity.Id, push.Properties.Headers[BusNames.TraceParentHeader]);
        Assert.Equal("application/json", push.Properties.ContentType);
        Assert.True(push.Properties.Persistent);
    }

    [Fact]
    public void A_body_larger_than_the_first_buffer_is_whole()
    {
        var text = new string('x', 100_000);
        var message = JsonSerializer.SerializeToElement(text);
        using var push = new OutgoingPush(new PushRequested { Id = "1", Message = message }, PushTarget.Everybody);
        using var body = JsonDocument.Parse(push.Body);
        Assert.Equal(text, body.RootElement.GetProperty("message").GetString());
    }
}
