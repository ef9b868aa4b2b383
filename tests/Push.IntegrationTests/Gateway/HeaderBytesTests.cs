using System.Net;
using System.Net.Sockets;
using System.Text;
using Push.TestKit;
using Push.TestKit.Clients;
using Xunit;

namespace Push.IntegrationTests.Gateway;

/// <summary>Header fields pass the gateway with the bytes that they came with, in both directions: UTF-8, Latin-1, or neither. A text is written a character for each byte.</summary>
public sealed class HeaderBytesTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string[] Values = ["M\u00C3\u00BCnchen", "M\u00FCnchen", "\u00E6\u0097\u00A5\u00E6\u009C\u00AC", "\u0080\u00FF\u00C3", "a=\"b\"; c"];

    private static readonly string[] RequestFields = ["Cookie", "User-Agent", "Referer", "X-City", "Idempotency-Key"];

    private static readonly string[] ResponseFields = ["Set-Cookie", "Location", "X-City", "ETag"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET /get/token?deviceId=a HTTP/1.1\r\nHost: localhost\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n")]
    [InlineData("POST /push/new/score/message HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n")]
    [InlineData(
        "GET /ws?token=a HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")]
    public async Task Every_byte_passes(string request, string response)
    {
        using var service = new TcpListener(IPAddress.Loopback, 0);
        service.Start();
        await using var gateway = await GatewayHost.StartAsync(
            $"http://{service.LocalEndpoint}",
            $"http://{service.LocalEndpoint}",
            ("ReverseProxy:Clusters:api:HealthCheck:Active:Enabled", "false"),
            ("ReverseProxy:Clusters:edge:HealthCheck:Active:Enabled", "false"));

        foreach (var value in Values)
        {
            await using var client = await RawClient.ConnectAsync(gateway.Address);
            await client.SendAsync($"{request}{Fields(RequestFields, value)}\r\n");

            using var served = await service.AcceptTcpClientAsync(Cancelled).AsTask().WithinAsync(Patience, "the gateway connects");
            var asked = await ReadHeadAsync(served.GetStream()).WithinAsync(Patience, "the request passes the gateway");
            await served.GetStream().WriteAsync(Encoding.Latin1.GetBytes($"{response}{Fields(ResponseFields, value)}\r\n"), Cancelled);
            var answered = await client.ReadResponseAsync();

            Assert.All(RequestFields, field => Assert.Contains($"\r\n{field}: {value}\r\n", asked, StringComparison.Ordinal));
            Assert.All(ResponseFields, field => Assert.Contains($"\r\n{field}: {value}\r\n", answered, StringComparison.Ordinal));
        }
    }

    private static string Fields(string[] names, string value) => string.Concat(names.Select(name => $"{name}: {value}\r\n"));

    private static async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, Cancelled);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
