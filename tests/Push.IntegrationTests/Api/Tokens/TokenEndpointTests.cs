using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Push.Auth.Tokens;
using Xunit;

namespace Push.IntegrationTests.Api.Tokens;

public sealed class TokenEndpointTests(DevelopmentApi api) : IClassFixture<DevelopmentApi>
{
    [Theory]
    [InlineData("deviceId=phone", "phone", null, false)]
    [InlineData("deviceId=phone&isLogin=false", "phone", null, false)]
    [InlineData("deviceId=phone&isLogin=yes", "phone", null, false)]
    [InlineData("deviceId=Zo%C3%AB+%2B1", "Zoë +1", null, false)]
    [InlineData("userId=42&isLogin=true", null, "42", true)]
    [InlineData("userId=42&isLogin=TRUE", null, "42", true)]
    [InlineData("deviceId=phone&userId=42&isLogin=True", "phone", "42", true)]
    [InlineData("deviceId=phone&userId=42", "phone", null, false)]
    [InlineData("deviceId=phone&userId=", "phone", null, false)]
    public async Task A_token_says_whose_session_it_is(string query, string? deviceId, string? userId, bool isLogin)
    {
        var response = await api.Host.GetAsync($"/get/token?{query}");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl?.NoStore);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var token = JsonDocument.Parse(body).RootElement.GetProperty("data").GetString();
        Assert.Equal($$"""{"data":"{{token}}"}""", body);
        Assert.True(api.Host.App.Services.GetRequiredService<TokenReader>().TryRead(token, out var session));
        Assert.Equal((deviceId, userId, isLogin), (session.DeviceId, session.UserId, session.IsLogin));
    }

    [Theory]
    [InlineData("")]
    [InlineData("deviceId=")]
    [InlineData("userId=42")]
    [InlineData("isLogin=true")]
    [InlineData("deviceId=phone&isLogin=true")]
    [InlineData("userId=&isLogin=true")]
    [InlineData("deviceId=a%00b")]
    [InlineData("deviceId=a%0d%0ab")]
    [InlineData("deviceId=phone&deviceId=tablet")]
    [InlineData("deviceId=phone&userId=a%07")]
    public async Task Missing_and_malformed_ids_are_400(string query) => await AssertInvalidAsync(query);

    [Fact]
    public async Task Ids_of_more_than_128_characters_are_400()
    {
        Assert.Equal(HttpStatusCode.OK, (await api.Host.GetAsync("/get/token?deviceId=" + new string('x', 128))).StatusCode);
        await AssertInvalidAsync("deviceId=" + new string('x', 129));
        await AssertInvalidAsync("deviceId=" + new string('x', 5000));
        await AssertInvalidAsync("isLogin=true&userId=" + new string('x', 5000));
    }

    private async Task AssertInvalidAsync(string query) =>
        await JsonAnswer.IsAsync(HttpStatusCode.BadRequest, """{"data":"Invalid request parameters"}""", await api.Host.GetAsync($"/get/token?{query}"));
}
