using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Push.Auth.Tokens;
using Xunit;

namespace Push.IntegrationTests.Api.Heartbeats;

public sealed class HeartbeatEndpointTests(DevelopmentApi api) : IClassFixture<DevelopmentApi>
{
    private string Token => api.Host.App.Services.GetRequiredService<TokenIssuer>().Issue("phone", userId: null, isLogin: false);

    [Fact]
    public async Task A_missing_or_altered_token_is_401()
    {
        foreach (var query in new[] { "", "?token=", "?token=nonsense", $"?token={Token}x", $"?token={Token[1..]}", $"?token={Token}&token={Token}" })
        {
            await JsonAnswer.IsAsync(HttpStatusCode.Unauthorized, """{"data":"token error"}""", await api.Host.GetAsync("/heartbeat" + query));
        }
    }

    [Fact]
    public async Task A_heartbeat_that_the_store_could_not_record_is_503()
    {
        var response = await api.Host.GetAsync($"/heartbeat?token={Token}");

        Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
        await JsonAnswer.IsAsync(HttpStatusCode.ServiceUnavailable, """{"error":"The heartbeat could not be recorded"}""", response);
    }
}
