using System.Buffers.Text;
using System.Text.Json;
using Push.EndToEndTests.Setup;
using Push.TestKit.Clients;
using Xunit;

namespace Push.EndToEndTests.Contract;

public sealed class TokenTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private static readonly Answer InvalidParameters = new(400, """{"data":"Invalid request parameters"}""");

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task A_token_is_a_jwt_wrapped_in_base64_that_fits_into_a_url(Entrance entrance)
    {
        var site = await EnterAsync(entrance);

        var answer = await site.Calls.GetAsync("/get/token?deviceId=d-1&userId=u-1&isLogin=TRUE", Cancelled);

        Assert.Equal(200, answer.Status);
        using var body = JsonDocument.Parse(answer.Body);
        var token = Assert.Single(body.RootElement.EnumerateObject(), property => property.Name == "data").Value.GetString()!;
        Assert.DoesNotContain(token, character => character is '+' or '/' or '=');
        var parts = MintedToken.Unwrap(token).Split('.');
        Assert.Equal(3, parts.Length);
        using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
        Assert.Equal("d-1", claims.RootElement.GetProperty("deviceId").GetString());
        Assert.Equal("u-1", claims.RootElement.GetProperty("userId").GetString());
        Assert.True(claims.RootElement.GetProperty("isLogin").GetBoolean());
        Assert.NotEmpty(claims.RootElement.GetProperty("jti").GetString()!);
        Assert.Equal(TimeSpan.FromHours(24).TotalSeconds, claims.RootElement.GetProperty("exp").GetInt64() - claims.RootElement.GetProperty("iat").GetInt64());
    }

    [Theory]
    [MemberData(nameof(Entrances.All), MemberType = typeof(Entrances))]
    public async Task Requests_that_do_not_say_who_asks_are_refused(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        string[] queries =
        [
            "",
            "?deviceId=",
            "?userId=u-1",
            "?userId=u-1&isLogin=false",
            "?deviceId=d-1&isLogin=true",
            "?isLogin=true&userId=",
            "?deviceId=a%00b",
            "?deviceId=a%0Ab",
            $"?deviceId={new string('d', 129)}",
            $"?deviceId={new string('d', 5000)}",
            $"?isLogin=true&userId={new string('u', 5000)}",
        ];

        await Assert.AllAsync(queries, async query => Assert.Equal(InvalidParameters, await site.Calls.GetAsync($"/get/token{query}", Cancelled)));

        Assert.Equal(200, (await site.Calls.GetAsync($"/get/token?deviceId={new string('d', 128)}", Cancelled)).Status);
    }
}
