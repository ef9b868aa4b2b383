using System.Text;
using Push.Contracts;
using Xunit;

namespace Push.UnitTests.Messaging;

public sealed class MessageJsonTests
{
    [Theory]
    [InlineData("""{"minute":"45\u002B3"}""", """{"minute":"45+3"}""")]
    [InlineData("""["\ud83d\ude00","\u00fc","\u2028","\/"]""", "[\"😀\",\"ü\",\"\u2028\",\"/\"]")]
    [InlineData("""["\u0022","\u005c","\u000a","\n","\\u0041","\""]""", """["\u0022","\u005c","\u000a","\n","\\u0041","\""]""")]
    [InlineData("""["\ud83d","\ud83dx","\ud83d\u0041","\ude00"]""", """["\ud83d","\ud83dx","\ud83dA","\ude00"]""")]
    [InlineData("""{"\u0061" : [1e400, "\\\\ " ] }""", """{"a":[1e400,"\\\\ "]}""")]
    [InlineData("{}", "{}")]
    public void White_space_and_escapes_that_JSON_does_not_need_go(string json, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(MessageJson.Normalize(Encoding.UTF8.GetBytes(json))));
}
