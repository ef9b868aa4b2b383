using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Push.ServiceDefaults.Health;
using Xunit;

namespace Push.IntegrationTests.ServiceDefaults.Health;

public sealed class HealthProbeTests
{
    private const int UnusedPort = 1;

    [Theory]
    [InlineData(StatusCodes.Status200OK, 0)]
    [InlineData(StatusCodes.Status503ServiceUnavailable, 1)]
    public async Task The_exit_code_tells_whether_the_service_is_ready(int status, int exitCode)
    {
        await using var service = await StartAsync(status);

        Assert.Equal(exitCode, await HealthProbe.RunAsync(Listening(service.Urls.Single()), UnusedPort));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("0.0.0.0")]
    [InlineData("[::]")]
    [InlineData("localhost")]
    public async Task It_finds_a_service_that_listens_on(string host)
    {
        await using var service = await StartAsync(StatusCodes.Status200OK);
        var port = new Uri(service.Urls.Single()).Port;

        Assert.Equal(0, await HealthProbe.RunAsync(Listening($"http://{host}:{port}"), UnusedPort));
    }

    [Fact]
    public async Task Without_an_address_it_asks_the_default_port()
    {
        await using var service = await StartAsync(StatusCodes.Status200OK);

        Assert.Equal(0, await HealthProbe.RunAsync(new ConfigurationBuilder().Build(), new Uri(service.Urls.Single()).Port));
    }

    [Fact]
    public async Task A_service_that_does_not_answer_is_not_ready() =>
        Assert.Equal(1, await HealthProbe.RunAsync(new ConfigurationBuilder().Build(), UnusedPort));

    [Fact]
    public void Only_the_switch_alone_asks_for_it()
    {
        Assert.True(HealthProbe.IsRequestedBy(["--health"]));
        Assert.False(HealthProbe.IsRequestedBy([]));
        Assert.False(HealthProbe.IsRequestedBy(["--health", "now"]));
    }

    private static async Task<WebApplication> StartAsync(int status)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var service = builder.Build();
        service.MapGet("/health/ready", () => Results.StatusCode(status));
        await service.StartAsync(TestContext.Current.CancellationToken);
        return service;
    }

    private static IConfiguration Listening(string url) =>
        new ConfigurationBuilder().AddInMemoryCollection([new("Listen:Url", url)]).Build();
}
