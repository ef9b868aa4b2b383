using System.Net.WebSockets;
using System.Text;
using Push.TestKit;
using Push.TestKit.Clients;
using Push.TestKit.Network;
using Xunit;
using static Push.TestKit.Clients.ClientFrames;

namespace Push.IntegrationTests.Listening;

/// <summary>Accepted handshakes, over every way in, and what follows them.</summary>
public sealed class HandshakeTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_accepted_client_receives_what_its_rooms_are_sent()
    {
        await using var edge = await EdgeHost.StartAsync();
        await using var client = await edge.OpenAsync("1001,2002");

        edge.Publish("1001", "goal");
        edge.Publish("3003", "not for this one");
        edge.Publish("2002", "corner");

        Assert.Equal("goal", await ReadTextAsync(client));
        Assert.Equal("corner", await ReadTextAsync(client));
    }

    [Fact]
    public async Task The_response_is_the_one_of_the_standard_and_ignores_subprotocols()
    {
        await using var edge = await EdgeHost.StartAsync();
        await using var client = await edge.ConnectAsync();

        await client.SendAsync(RawClient.Handshake(edge.Query(), "Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"));

        Assert.Equal(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
            await client.ReadResponseAsync());
    }

    [Fact]
    public async Task A_handshake_may_come_byte_by_byte_with_frames_close_behind()
    {
        await using var edge = await EdgeHost.StartAsync();
        await using var client = await edge.ConnectAsync();

        foreach (var character in RawClient.Handshake(edge.Query()))
        {
            await client.SendAsync(character.ToString());
        }

        await client.SendAsync(Frame(Ping, "early"));

        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Equal((Pong, "early"), (await client.ReadFrameAsync()).Content);
    }

    [Fact]
    public async Task A_handshake_and_a_frame_may_come_in_one_packet()
    {
        await using var edge = await EdgeHost.StartAsync();
        await using var client = await edge.ConnectAsync();

        await client.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(RawClient.Handshake(edge.Query())), .. Frame(Ping, "early")]);

        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Equal((Pong, "early"), (await client.ReadFrameAsync()).Content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_upgrade_may_come_later_on_a_kept_alive_connection(bool isPipelined)
    {
        const string Request = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
        await using var edge = await EdgeHost.StartAsync();
        await using var client = await edge.ConnectAsync();

        if (isPipelined)
        {
            await client.SendAsync(Request + Request);
            Assert.EndsWith("hello", await client.ReadResponseAsync(), StringComparison.Ordinal);
        }
        else
        {
            await client.SendAsync(Request);
        }

        Assert.EndsWith("hello", await client.ReadResponseAsync(), StringComparison.Ordinal);
        await client.SendAsync(RawClient.Handshake(edge.Query("1001")));
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadResponseAsync(), StringComparison.Ordinal);

        await client.SendAsync(Frame(Ping, "still there"));
        Assert.Equal((Pong, "still there"), (await client.ReadFrameAsync()).Content);
        edge.Publish("1001", "goal");
        Assert.Equal("goal", await ReadTextAsync(client));

        await client.SendAsync(CloseFrame(1000));
        Assert.Equal(1000, await client.ReadCloseAsync());
        Assert.Empty(await client.ReadToEndAsync());
        Assert.Equal(0, edge.Connections.Count);
    }

    [Fact]
    public async Task With_tls_all_bytes_are_encrypted()
    {
        using var certificate = new SelfSignedCertificate();
        await using var edge = await EdgeHost.StartAsync(
            ("Listen:Url", "https://127.0.0.1:0"), ("Listen:CertificatePath", certificate.PemPath), ("Listen:CertificateKeyPath", certificate.KeyPath));
        using var client = new ClientWebSocket();
        client.Options.RemoteCertificateValidationCallback = (_, shown, _, _) => certificate.IsThis(shown);
        await client.ConnectAsync(new UriBuilder(edge.Address) { Scheme = "wss", Path = "/ws", Query = edge.Query("1001") }.Uri, Cancelled);
        await using var raw = await edge.OpenAsync("1001", certificate);

        // Over several TLS records: what went to the socket itself would break the client's decryption.
        var text = new string('x', 20_000);
        for (var i = 0; i < 5; i++)
        {
            edge.Publish("1001", text);
            Assert.Equal(text, await ReadTextAsync(raw));
            var buffer = new byte[text.Length];
            for (var received = 0; received < buffer.Length;)
            {
                received += (await client.ReceiveAsync(buffer.AsMemory(received), Cancelled).AsTask().WithinAsync(TimeSpan.FromSeconds(60), "a message over TLS")).Count;
            }

            Assert.Equal(text, Encoding.ASCII.GetString(buffer));
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancelled);
        await raw.SendAsync(Frame(Text, [0xFF]));
        Assert.Equal(1007, await raw.ReadCloseAsync());
    }

    [Fact]
    public async Task Requests_that_are_no_upgrade_are_untouched()
    {
        await using var edge = await EdgeHost.StartAsync();
        using var client = new HttpClient { BaseAddress = edge.Address };

        Assert.Equal("hello", await client.GetStringAsync(new Uri("/hello", UriKind.Relative), Cancelled));
        Assert.Equal("hello", await client.GetStringAsync(new Uri("/hello", UriKind.Relative), Cancelled));
        using var missing = await client.GetAsync(new Uri("/wsx", UriKind.Relative), Cancelled);
        Assert.Equal(404, (int)missing.StatusCode);
        using var plain = await client.GetAsync(new Uri($"/ws{edge.Query()}", UriKind.Relative), Cancelled);
        Assert.Equal(400, (int)plain.StatusCode);
        Assert.Equal("Invalid WebSocket handshake", await plain.Content.ReadAsStringAsync(Cancelled));
    }

    /// <summary>Cookies are anybody's, and the fields of a handshake are bytes: UTF-8, Latin-1 or neither.</summary>
    [Theory]
    [InlineData("M\u00C3\u00BCnchen")]
    [InlineData("M\u00FCnchen")]
    [InlineData("\u0080\u00FF\u00C3")]
    public async Task A_field_may_hold_any_bytes_over_every_way_in(string value)
    {
        using var certificate = new SelfSignedCertificate();
        await using var edge = await EdgeHost.StartAsync();
        await using var secure = await EdgeHost.StartAsync(
            ("Listen:Url", "https://127.0.0.1:0"), ("Listen:CertificatePath", certificate.PemPath), ("Listen:CertificateKeyPath", certificate.KeyPath));
        var field = $"Cookie: stadt={value}\r\n";
        foreach (var (host, shown) in new[] { (edge, null), (secure, certificate) })
        {
            await using var first = await host.ConnectAsync(shown);
            await first.SendAsync(RawClient.Handshake(host.Query(), field));
            Assert.StartsWith("HTTP/1.1 101 ", await first.ReadResponseAsync(), StringComparison.Ordinal);

            await using var keptAlive = await host.ConnectAsync(shown);
            await keptAlive.SendAsync($"GET /hello HTTP/1.1\r\nHost: localhost\r\n{field}\r\n");
            Assert.StartsWith("HTTP/1.1 200 ", await keptAlive.ReadResponseAsync(), StringComparison.Ordinal);
            await keptAlive.SendAsync(RawClient.Handshake(host.Query(), field));
            Assert.StartsWith("HTTP/1.1 101 ", await keptAlive.ReadResponseAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_stopping_edge_sends_its_connections_away()
    {
        await using var edge = await EdgeHost.StartAsync(("Edge:DrainTimeout", "00:01:00"));
        await using var client = await edge.OpenAsync();

        var stopping = edge.StopAsync();
        Assert.Equal(1001, await client.ReadCloseAsync());
        await client.SendAsync(CloseFrame(1001));
        Assert.Empty(await client.ReadToEndAsync());
        await stopping.WithinAsync(TimeSpan.FromSeconds(60), "the Edge stops");
    }

    [Fact]
    public async Task A_client_that_does_not_answer_does_not_keep_an_edge_from_stopping()
    {
        await using var edge = await EdgeHost.StartAsync(("Edge:DrainTimeout", "00:00:01"));
        await using var silent = await edge.OpenAsync();

        var stopping = edge.StopAsync();
        Assert.Equal(1001, await silent.ReadCloseAsync());
        try
        {
            Assert.Empty(await silent.ReadToEndAsync());
        }
        catch (IOException)
        {
            // It is cut when the drain's time is up.
        }

        await stopping.WithinAsync(TimeSpan.FromSeconds(60), "the Edge stops");
    }

    private static async Task<string> ReadTextAsync(RawClient client)
    {
        var (opcode, payload) = (await client.ReadFrameAsync()).Content;
        Assert.Equal(Text, opcode);
        return payload;
    }
}
