using System.Text;
using Push.TestKit.Clients;
using Push.TestKit.Network;
using Xunit;

namespace Push.IntegrationTests.Listening;

/// <summary>What <c>/ws</c> answers when it does not upgrade.</summary>
public sealed class RefusalTests
{
    private const string Upgrading = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    private const string Complete = Upgrading + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    [Theory]
    [InlineData("?", "", 400, "Invalid WebSocket handshake")]
    [InlineData("?token=<token>", "", 400, "Invalid WebSocket handshake")]
    [InlineData("?token=<token>", "Connection: Upgrade\r\nUpgrade: h2c\r\n", 400, "Invalid WebSocket handshake")]
    [InlineData("?token=<token>", "Upgrade: websocket\r\n", 400, "Invalid WebSocket handshake")]
    [InlineData("?token=<token>", Upgrading + "Sec-WebSocket-Version: 13\r\n", 400, "Invalid WebSocket handshake")]
    [InlineData("?token=<token>", Upgrading + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n", 400, "Invalid WebSocket handshake")]
    [InlineData("?token=<token>", Complete + "Content-Length: 5\r\n", 400, "Invalid WebSocket handshake")]
    [InlineData("?token=<token>", Upgrading + "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", 426, "Unsupported WebSocket version")]
    [InlineData("", Complete, 401, "Missing token")]
    [InlineData("?token=", Complete, 401, "Missing token")]
    [InlineData("?token=nonsense", Complete, 401, "Token error")]
    [InlineData("?token=%zz", Complete, 401, "Token error")]
    [InlineData("?token=nonsense&roomIds=a+b", Complete, 401, "Token error")]
    [InlineData("?token=<token>&roomIds=a+b", Complete, 400, "Invalid room id: a b")]
    [InlineData("?token=<token>&roomIds=ok,%00", Complete, 400, "Invalid room id: ?")]
    [InlineData("?token=<token>&roomIds=%zz", Complete, 400, "Invalid room id: %zz")]
    [InlineData("?token=<token>", Complete + "Origin: https://evil.example\r\n", 403, "Origin not allowed")]
    public async Task A_bad_handshake_is_answered_by_what_is_wrong_with_it(string query, string fields, int status, string body)
    {
        await using var edge = await EdgeHost.StartAsync();
        await using var client = await edge.ConnectAsync();

        await client.SendAsync($"GET /ws{query.Replace("<token>", edge.Token, StringComparison.Ordinal)} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        var response = await client.ReadResponseAsync();

        Assert.StartsWith($"HTTP/1.1 {status} ", response, StringComparison.Ordinal);
        Assert.EndsWith($"\r\n\r\n{body}", response, StringComparison.Ordinal);
        Assert.Equal(status == 426, response.Contains("Sec-WebSocket-Version: 13", StringComparison.Ordinal));
        Assert.Equal(0, edge.Connections.Count);
    }

    /// <summary>Whoever reads the head, it is HTTP or it is not.</summary>
    [Theory]
    [InlineData("Host: localhost\r\nCookie: a\0b\r\n")]
    [InlineData("Host: local host\r\n")]
    [InlineData("Host: a b/c\r\n")]
    [InlineData("Host: a@b\r\n")]
    [InlineData("Host: a\0b\r\n")]
    [InlineData("Host: localhost\r\nHost: localhost\r\n")]
    [InlineData("")]
    public async Task A_head_that_is_no_http_is_refused_over_every_way_in(string fields)
    {
        using var certificate = new SelfSignedCertificate();
        await using var edge = await EdgeHost.StartAsync();
        await using var secure = await EdgeHost.StartAsync(
            ("Listen:Url", "https://127.0.0.1:0"), ("Listen:CertificatePath", certificate.PemPath), ("Listen:CertificateKeyPath", certificate.KeyPath));
        await using var plain = await edge.ConnectAsync();
        await using var keptAlive = await edge.ConnectAsync();
        await keptAlive.SendAsync("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await keptAlive.ReadResponseAsync();
        await using var encrypted = await secure.ConnectAsync(certificate);

        foreach (var (client, host) in new[] { (plain, edge), (keptAlive, edge), (encrypted, secure) })
        {
            await client.SendAsync($"GET /ws{host.Query()} HTTP/1.1\r\n{fields}{Complete}\r\n");
            Assert.Equal("HTTP/1.1 400 ", Encoding.ASCII.GetString(await client.ReadRawAsync(13)));
        }
    }

    [Theory]
    [InlineData("POST /ws", "1.1")]
    [InlineData("PUT /ws", "1.1")]
    [InlineData("DELETE /ws", "1.1")]
    [InlineData("HEAD /ws", "1.1")]
    [InlineData("OPTIONS /ws", "1.1")]
    [InlineData("TRACE /ws", "1.1")]
    [InlineData("get /ws", "1.1")]
    [InlineData("CONNECT /ws", "1.1")]
    [InlineData("GET /ws", "1.0")]
    [InlineData("POST /ws", "1.0")]
    public async Task Only_get_of_http_1_1_is_a_handshake_over_both_ways_in(string request, string version)
    {
        await using var edge = await EdgeHost.StartAsync();
        await using var client = await edge.ConnectAsync();
        await using var keptAlive = await edge.ConnectAsync();
        await keptAlive.SendAsync("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await keptAlive.ReadResponseAsync();

        foreach (var each in (RawClient[])[client, keptAlive])
        {
            await each.SendAsync($"{request}{edge.Query()} HTTP/{version}\r\nHost: localhost\r\nContent-Length: 0\r\n{Complete}\r\n");
            Assert.Equal("HTTP/1.1 400 ", Encoding.ASCII.GetString(await each.ReadRawAsync(13)));
        }

        Assert.Equal(0, edge.Connections.Count);
    }

    [Fact]
    public async Task An_edge_that_is_not_ready_says_when_to_come_back()
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Readiness.BeginDrain();

        await ExpectUnavailableAsync(edge, "Draining");
    }

    [Fact]
    public async Task A_full_edge_says_when_to_come_back_and_takes_the_next_one_once_there_is_room()
    {
        await using var edge = await EdgeHost.StartAsync(("Edge:MaxConnections", "1"));
        await using var first = await edge.OpenAsync();
        await ExpectUnavailableAsync(edge, "Too many connections");

        await first.LeaveAsync();
        await using var next = await edge.OpenAsync();
    }

    [Theory]
    [InlineData("GET /ws?token=", 414)]
    [InlineData("GET /ws HTTP/1.1\r\nX-Flood: ", 431)]
    [InlineData("GET /other HTTP/1.1\r\nX-Flood: ", 431)]
    public async Task An_endless_head_is_cut_at_the_limit(string start, int status)
    {
        await using var edge = await EdgeHost.StartAsync(("Edge:MaxRequestHeadBytes", "4096"));
        await using var client = await edge.ConnectAsync();

        await client.SendAsync(start);
        await client.SendAsync(new string('a', 5000));

        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flood_of_fields_is_cut_at_the_limit()
    {
        await using var edge = await EdgeHost.StartAsync(("Edge:MaxRequestHeadBytes", "4096"));
        await using var client = await edge.ConnectAsync();

        var fields = new StringBuilder();
        for (var i = 0; i < 99; i++)
        {
            fields.Append(null, $"X-Field-{i}: {new string('a', 100)}\r\n");
        }

        await client.SendAsync(RawClient.Handshake(edge.Query(), fields.ToString()));

        Assert.StartsWith("HTTP/1.1 431 ", await client.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET /w")]
    [InlineData("GET /ws HTTP/1.1\r\nHost: localhost\r\n")]
    public async Task A_slow_handshake_is_cut_at_its_deadline_and_delays_nobody(string start)
    {
        await using var edge = await EdgeHost.StartAsync(("Edge:HandshakeTimeout", "00:00:00.3"));
        await using var slow = await edge.ConnectAsync();
        if (start.Length > 0)
        {
            await slow.SendAsync(start);
        }

        await using var other = await edge.OpenAsync();
        var end = await Assert.ThrowsAnyAsync<IOException>(slow.ReadResponseAsync);

        Assert.NotNull(end);
        Assert.Equal(1, edge.Connections.Count);
    }

    [Fact]
    public async Task A_token_is_never_logged()
    {
        await using var edge = await EdgeHost.StartAsync(("Logging:LogLevel:Default", "Trace"));
        await using var accepted = await edge.OpenAsync();
        await using var refused = await edge.ConnectAsync();
        await refused.SendAsync(RawClient.Handshake(edge.Query("not%20a%20room")));
        await refused.ReadResponseAsync();

        Assert.DoesNotContain(edge.Log.Lines, line => line.Contains(edge.Token, StringComparison.Ordinal));
    }

    private static async Task ExpectUnavailableAsync(EdgeHost edge, string reason)
    {
        await using var client = await edge.ConnectAsync();
        await client.SendAsync(RawClient.Handshake(edge.Query()));
        var response = await client.ReadResponseAsync();

        Assert.StartsWith("HTTP/1.1 503 ", response, StringComparison.Ordinal);
        Assert.Contains("\r\nRetry-After: ", response, StringComparison.Ordinal);
        Assert.EndsWith($"\r\n\r\n{reason}", response, StringComparison.Ordinal);
    }
}
