using System.Text;
using System.Text.Json;
using Push.Contracts;
using Push.Messaging;
using Push.Messaging.RabbitMq;
using Xunit;

namespace Push.UnitTests.Messaging;

public sealed class OutgoingPushTests
{
    [Theory]
    [InlineData("""{"t":"😀"}""")]
    [InlineData("""["<b>&'+ü&"]""")]
    [InlineData("{\"a\":1.50,\"b\":1e400,\"c\":\"x \\\" y\"}")]
    public void The_characters_of_a_message_travel_as_they_came(string message)
    {
        Assert.Contains(message, Body(message), StringComparison.Ordinal);
        Assert.Contains(message, JsonSerializer.Serialize(Request(message)), StringComparison.Ordinal);
    }

    [Fact]
    public void White_space_between_tokens_does_not_travel() =>
        Assert.Contains("""{"a b":[1,2],"c":" d "}""", Body("""{ "a b" : [ 1 , 2 ] , "c" : " d " }"""), StringComparison.Ordinal);

    private static string Body(string message)
    {
        var push = new OutgoingPush(new DecodedPublication { Target = RoomKey.Everybody, Id = "1", Message = Encoding.UTF8.GetBytes(message) });
        return Encoding.UTF8.GetString(push.Body.Span);
    }

    private static PushRequested Request(string message) => new() { Id = "1", Message = JsonDocument.Parse(message).RootElement };
}
