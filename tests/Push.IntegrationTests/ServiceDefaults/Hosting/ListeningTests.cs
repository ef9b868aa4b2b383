using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Push.ServiceDefaults.Hosting;
using Push.TestKit.Capture;
using Push.TestKit.Network;
using Xunit;

namespace Push.IntegrationTests.ServiceDefaults.Hosting;

public sealed class ListeningTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_listens_where_it_is_told_to()
    {
        await using var app = await StartAsync(("Listen:Url", "http://127.0.0.1:0"));

        Assert.Equal("hello", await GetAsync(app));
    }

    [Fact]
    public async Task By_default_it_is_this_machine_alone_in_development()
    {
        var port = FreePort();
        await using var app = await StartAsync(port);

        Assert.Equal([$"http://localhost:{port}"], app.Urls);
    }

    [Fact]
    public async Task The_ports_that_container_images_set_make_no_difference()
    {
        using var log = new CapturedLog();
        await using var app = Build(0, log, ("Listen:Url", "http://127.0.0.1:0"), ("HTTP_PORTS", "1"));
        await app.StartAsync(Cancelled);

        Assert.StartsWith("http://127.0.0.1:", Assert.Single(app.Urls), StringComparison.Ordinal);
        Assert.DoesNotContain(log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_serves_tls_with_a_certificate(bool isPfx)
    {
        using var certificate = new SelfSignedCertificate();
        await using var app = await StartAsync(
            ("Listen:Url", "https://127.0.0.1:0"),
            ("Listen:CertificatePath", isPfx ? certificate.PfxPath : certificate.PemPath),
            isPfx ? ("Listen:CertificatePassword", SelfSignedCertificate.Password) : ("Listen:CertificateKeyPath", certificate.KeyPath));

        Assert.StartsWith("https://", app.Urls.Single(), StringComparison.Ordinal);
        Assert.Equal("hello", await GetAsync(app, certificate));
    }

    [Theory]
    [InlineData("Listen:Url", "nonsense")]
    [InlineData("Listen:Url", "ftp://localhost:1")]
    [InlineData("Listen:Url", "http://push.example.com:1")]
    [InlineData("Listen:Url", "http://localhost:1/path")]
    [InlineData("Listen:CertificatePath", null)]
    [InlineData("Listen:CertificatePath", "/no/such/file")]
    public async Task A_bad_setting_is_refused_by_its_path(string path, string? value)
    {
        var url = path == "Listen:Url" ? value! : "https://127.0.0.1:0";

        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartAsync(("Listen:Url", url), ("Listen:CertificatePath", path == "Listen:Url" ? null : value)));
        Assert.StartsWith(path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_endpoints_have_sections_of_their_own()
    {
        var builder = Builder(null, ("Listen:Url", "http://127.0.0.1:0"), ("Listen:Other:Url", "http://127.0.0.1:0"));
        await using var app = builder.ListenOn(0).ListenOn(0, section: "Listen:Other").Build();
        await app.StartAsync(Cancelled);

        Assert.Equal(2, app.Urls.Count);
    }

    private static Task<WebApplication> StartAsync(params (string, string?)[] settings) => StartAsync(0, settings);

    private static async Task<WebApplication> StartAsync(int defaultPort, params (string, string?)[] settings)
    {
        var app = Build(defaultPort, null, settings);
        await app.StartAsync(Cancelled);
        return app;
    }

    private static WebApplication Build(int defaultPort, CapturedLog? log, params (string, string?)[] settings)
    {
        var app = Builder(log, settings).ListenOn(defaultPort).Build();
        app.MapGet("/", () => Results.Text("hello"));
        return app;
    }

    private static WebApplicationBuilder Builder(CapturedLog? log, params (string Key, string? Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Logging.ClearProviders();
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        return builder;
    }

    private static async Task<string> GetAsync(WebApplication app, SelfSignedCertificate? certificate = null)
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, shown, _, _) => certificate!.IsThis(shown) };
        using var client = new HttpClient(handler);
        return await client.GetStringAsync(new Uri(app.Urls.Single()), Cancelled);
    }

    private static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
