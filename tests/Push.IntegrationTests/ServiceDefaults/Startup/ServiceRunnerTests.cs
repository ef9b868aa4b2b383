using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Push.ServiceDefaults.Hosting;
using Push.ServiceDefaults.Startup;
using Xunit;

namespace Push.IntegrationTests.ServiceDefaults.Startup;

public sealed class ServiceRunnerTests
{
    [Theory]
    [InlineData("localhost", "Listen")]
    [InlineData("127.0.0.1", "Listen:Edge")]
    [InlineData("*", "Listen")]
    public async Task A_port_in_use_ends_the_start_with_one_line_that_names_port_and_setting(string host, string section)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var error = await FailAsync(($"{section}:Url", $"http://{host}:{port}"), section);

        Assert.Equal(
            $"Cannot start: {section}:Url: port {port} is in use. Stop what listens there, or choose another address: {section.Replace(":", "__", StringComparison.Ordinal)}__Url=http://localhost:9090",
            error);
    }

    [Fact]
    public async Task A_malformed_address_ends_the_start_with_its_setting() => Assert.Equal(
        "Cannot start: Listen:Url: 'http://example.com:80' is not http(s)://<address, localhost or *>:<port>",
        await FailAsync(("Listen:Url", "http://example.com:80"), "Listen"));

    [Fact]
    public async Task A_service_that_is_told_to_stop_ends_with_0()
    {
        using var errors = new StringWriter();

        var exitCode = await ServiceRunner.RunAsync(
            () =>
            {
                var app = Build(("Listen:Url", "http://127.0.0.1:0"), "Listen");
                app.Lifetime.ApplicationStarted.Register(app.Lifetime.StopApplication);
                return app;
            },
            errors);

        Assert.Equal((0, ""), (exitCode, errors.ToString()));
    }

    private static async Task<string> FailAsync((string Key, string Value) setting, string section)
    {
        using var errors = new StringWriter();
        Assert.Equal(1, await ServiceRunner.RunAsync(() => Build(setting, section), errors));
        return errors.ToString().TrimEnd();
    }

    private static WebApplication Build((string Key, string Value) setting, string section)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Development });
        builder.Configuration.AddInMemoryCollection([new(setting.Key, setting.Value)]);
        builder.ListenOn(defaultPort: 8080, section: section);
        return builder.Build();
    }
}
