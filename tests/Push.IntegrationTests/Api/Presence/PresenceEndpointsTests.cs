using System.Net;
using Xunit;

namespace Push.IntegrationTests.Api.Presence;

public sealed class PresenceEndpointsTests(DevelopmentApi api) : IClassFixture<DevelopmentApi>
{
    [Theory]
    [InlineData("/presence/edges")]
    [InlineData("/presence/users")]
    [InlineData("/presence/rooms/match-1")]
    public async Task Counts_that_the_store_cannot_give_are_503(string path)
    {
        var response = await api.Host.GetAsync(path);

        Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
        await JsonAnswer.IsAsync(HttpStatusCode.ServiceUnavailable, """{"error":"The presence store cannot be reached"}""", response);
    }

    [Theory]
    [InlineData("/presence/edges")]
    [InlineData("/presence/users")]
    [InlineData("/presence/rooms/match-1")]
    public async Task Counts_are_for_back_ends(string path)
    {
        await using var host = await ApiHost.StartAsync("Production", ("Access:ApiKeys:0", "a-key-of-a-back-end"));

        Assert.Equal(HttpStatusCode.Unauthorized, (await host.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await host.GetAsync(path, ("Authorization", "Bearer a-key-of-a-back-end"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.Host.GetAsync(path, ("Origin", "https://evil.example"))).StatusCode);
    }

    [Theory]
    [InlineData("/presence/rooms/a%20b")]
    [InlineData("/presence/rooms/a%07b")]
    public async Task A_malformed_room_is_400(string path) => await JsonAnswer.IsAsync(
        HttpStatusCode.BadRequest, """{"error":"The room id must be 1-64 characters of A-Z a-z 0-9 _ . : -"}""", await api.Host.GetAsync(path));
}
