using System.Net;
using Push.TestKit.Clients;
using Xunit;

namespace Push.IntegrationTests.Api.Publications;

public sealed class PublicationEndpointTests(DevelopmentApi api) : IClassFixture<DevelopmentApi>
{
    private ApiHost Host => api.Host;

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON;charset=\"UTF-8\"")]
    public async Task A_push_is_answered_with_its_id(string contentType) => await JsonAnswer.IsAsync(
        HttpStatusCode.OK,
        """{"message":"message sent","id":"goal \"1\" é"}""",
        await Host.PushAsync("""{"message":"x","id":"goal \"1\" é"}""", contentType));

    [Fact]
    public async Task A_push_reaches_the_publisher_with_its_target()
    {
        using var response = await Host.PushAsync("""{"roomId":1001,"message":{"score":[1,0]},"id":"reaches"}""");

        var (push, target) = Assert.Single(Host.Publisher.Published, published => published.Push.Id == "reaches");
        Assert.Equal("room:1001", target.ToString());
        Assert.Equal("""{"score":[1,0]}""", push.Message.GetRawText());
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("text/plain")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/problem+json")]
    [InlineData("")]
    public async Task Anything_that_is_not_declared_as_json_is_415(string contentType) => await JsonAnswer.IsAsync(
        HttpStatusCode.UnsupportedMediaType,
        """{"error":"Content-Type must be application/json in UTF-8"}""",
        await Host.PushAsync("""{"message":"x"}""", contentType));

    [Fact]
    public async Task Reading_the_push_address_is_405()
    {
        var response = await Host.GetAsync(ApiHost.PushPath);

        Assert.Equal(["POST"], response.Content.Headers.Allow);
        await JsonAnswer.IsAsync(HttpStatusCode.MethodNotAllowed, """{"error":"Method Not Allowed"}""", response);
    }

    [Fact]
    public async Task An_unknown_address_is_404() =>
        await JsonAnswer.IsAsync(HttpStatusCode.NotFound, """{"error":"Not Found"}""", await Host.GetAsync("/push"));

    [Fact]
    public async Task A_malformed_body_is_400() =>
        await JsonAnswer.IsAsync(HttpStatusCode.BadRequest, """{"error":"The body is empty"}""", await Host.PushAsync(""));

    [Fact]
    public async Task A_large_message_is_413() => await JsonAnswer.IsAsync(
        HttpStatusCode.RequestEntityTooLarge,
        """{"error":"message exceeds 32768 bytes of compact JSON"}""",
        await Host.PushAsync($$"""{"message":"{{new string('x', 32 * 1024)}}"}"""));

    [Fact]
    public async Task A_body_of_20_MB_is_413_and_the_sender_gets_to_read_that() => await JsonAnswer.IsAsync(
        HttpStatusCode.RequestEntityTooLarge,
        """{"error":"The body exceeds 262144 bytes"}""",
        await Host.PushAsync(new string(' ', 20_000_000)));

    [Theory]
    [InlineData("Content-Length: 20000000\r\n\r\n{")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n50000\r\n")]
    public async Task A_large_body_is_refused_before_it_has_arrived(string rest)
    {
        await using var client = await RawClient.ConnectAsync(Host.Address);
        await client.SendAsync($"POST {ApiHost.PushPath} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{rest}");
        await client.SendAsync(new string(' ', 300_000));

        Assert.Equal("HTTP/1.1 413 Payload Too Large", await client.ReadLineAsync());
    }

    [Fact]
    public async Task A_push_that_the_broker_does_not_confirm_is_503()
    {
        await using var host = await ApiHost.StartAsync("Development");
        host.Publisher.IsAway = true;

        var response = await host.PushAsync("""{"message":"x"}""");

        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
        await JsonAnswer.IsAsync(
            HttpStatusCode.ServiceUnavailable, """{"error":"The broker did not confirm the message; a retry with the same id is safe"}""", response);
    }
}
