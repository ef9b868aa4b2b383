using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Push.ServiceDefaults.Http;
using Push.TestKit;
using Push.TestKit.Capture;
using Xunit;

namespace Push.IntegrationTests.ServiceDefaults.Http;

public sealed class JsonErrorsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_client_that_is_reset_in_the_middle_of_a_body_costs_no_error_however_late_the_server_knows_of_it()
    {
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reads = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var served = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new CapturedLog();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Use(next => async connection =>
        {
            // The reset reaches the body's reader, and nobody else yet.
            var input = new Pipe();
            connection.Transport = new Duplex(input.Reader, connection.Transport.Output);
            await input.Writer.WriteAsync("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"u8.ToArray());
            var serving = next(connection);
            await Task.WhenAll(reads.Task, connected.Task);
            await input.Writer.CompleteAsync(new ConnectionResetException("reset"));
            await serving;
            served.SetResult();
        })));
        await using var app = builder.Build();
        app.UseJsonErrors();
        app.MapPost("/read", async context =>
        {
            var reading = context.Request.BodyReader.ReadAsync(context.RequestAborted);
            reads.SetResult();
            await reading;
        });
        await app.StartAsync(TestContext.Current.CancellationToken);

        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(app.Urls.Single()).Port, TestContext.Current.CancellationToken);
        connected.SetResult();
        await served.Task.WithinAsync(Limit, "the end of the connection");
        Assert.DoesNotContain(log.Lines, line => line.Contains("draining", StringComparison.Ordinal) || line.Contains("unhandled", StringComparison.Ordinal));
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
