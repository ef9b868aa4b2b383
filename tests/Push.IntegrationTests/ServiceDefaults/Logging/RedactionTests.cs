using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;
using Push.ServiceDefaults;
using Push.TestKit.Capture;
using Xunit;

namespace Push.IntegrationTests.ServiceDefaults.Logging;

public sealed class RedactionTests : IAsyncLifetime
{
    private const string Token = "c2VjcmV0LXRva2VuLXRoYXQtbm9ib2R5LW1heS1yZWFk";

    private readonly CapturedLog _log = new();
    private readonly CapturedSpans _spans = new();
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Logging:LogLevel:Default"] = "Trace",
            ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "Trace",
            ["Logging:LogLevel:Microsoft.AspNetCore.Server.Kestrel"] = "Trace",
            ["Logging:Captured:LogLevel:Default"] = "Trace",
            ["Logging:Captured:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "Trace",
            ["Logging:Captured:LogLevel:Microsoft.AspNetCore.Server.Kestrel.BadRequests"] = "Trace",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9",
            // The switches that turn the libraries' own masking off.
            ["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION"] = "true",
        });
        builder.Logging.ClearProviders().AddProvider(_log);
        builder.AddServiceDefaults("redaction-test");
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(_spans));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapGet("/found", () => "found");
        _app.MapGet("/broken", string () => throw new InvalidOperationException("broken on purpose"));
        await _app.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    [Theory]
    [InlineData("GET /found?token={0} HTTP/1.1\r\nHost: x\r\nReferer: http://x/?token={0}\r\n")]
    [InlineData("GET /missing?token={0} HTTP/1.1\r\nHost: x\r\n")]
    [InlineData("POST /found?token={0} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n")]
    [InlineData("GET /broken?token={0} HTTP/1.1\r\nHost: x\r\n")]
    [InlineData("GET http://x/found?token={0} HTTP/1.1\r\nHost: x\r\n")]
    [InlineData("GET /found?token={0} HTTP/9.9\r\nHost: x\r\n")]
    [InlineData("GET /found?token={0}\r\nHost: x\r\n")]
    [InlineData("GET /found?token={0} x HTTP/1.1\r\nHost: x\r\n")]
    [InlineData("G@T /found?token={0} HTTP/1.1\r\nHost: x\r\n")]
    [InlineData("GET found?token={0} HTTP/1.1\r\nHost: x\r\n")]
    [InlineData("GET /found?token={0} HTTP/1.1\r\nHost: ?token={0}\r\n")]
    [InlineData("GET /found?token={0}\u0001 HTTP/1.1\r\nHost: x\r\n")]
    [InlineData("GET /%zz?token={0} HTTP/1.1\r\nHost: x\r\n")]
    [InlineData("GET /found HTTP/1.1\r\nHost: x\r\nbad header: {0}\r\n")]
    public async Task No_log_line_and_no_span_holds_a_token_whatever_the_log_levels_are(string head)
    {
        await SendAsync(string.Format(null, head, Token) + "Connection: close\r\n\r\n");

        // The answer may arrive before the last line of its request is written; the end of the host is after all of them.
        await _app.StopAsync(TestContext.Current.CancellationToken);
        Assert.Contains(_log.Lines, line => line.StartsWith("Trace ", StringComparison.Ordinal) || line.StartsWith("Debug ", StringComparison.Ordinal));
        Assert.DoesNotContain(_log.Lines, line => line.Contains(Token, StringComparison.Ordinal));
        Assert.DoesNotContain(_spans.Spans, span => span.Contains(Token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Spans_keep_what_tells_requests_apart()
    {
        await SendAsync($"GET /found?token={Token} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        await _app.StopAsync(TestContext.Current.CancellationToken);
        // Spans of other hosts that run at the same time are among them.
        Assert.Contains(_spans.Spans, span => span.Contains("[http.route, /found]", StringComparison.Ordinal));
    }

    private async Task SendAsync(string request)
    {
        var address = new Uri(_app.Urls.Single());
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        Assert.StartsWith("HTTP/1.1 ", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
