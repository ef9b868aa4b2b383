using System.Net.WebSockets;
using System.Text;
using Push.TestKit;
using Push.TestKit.Clients;
using Push.TestKit.Network;
using Xunit;
using static Push.TestKit.Clients.ClientFrames;

namespace Push.IntegrationTests.Listening;

/// <summary>permessage-deflate over every way in, with a client that knows it and with bytes that no client would send.</summary>
public sealed class CompressionTests
{
    private const string Offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    private const string Accepted = "\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n";

    private static readonly (string, string?) Enabled = ("Edge:Compression:Enabled", "true");
    private static readonly string Score = string.Concat(Enumerable.Range(0, 300));

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_off_by_default()
    {
        await using var edge = await EdgeHost.StartAsync();
        await using var client = await edge.ConnectAsync();
        await client.SendAsync(RawClient.Handshake(edge.Query("1001"), Offer));
        Assert.DoesNotContain("Extensions", await client.ReadResponseAsync(), StringComparison.OrdinalIgnoreCase);

        edge.Publish("1001", Score);
        Assert.Equal((Text, Score), (await client.ReadFrameAsync()).Content);
        await client.SendAsync(Frame(0x40 | Text, [0x00]));
        Assert.Equal(1002, await client.ReadCloseAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_frameworks_client_reads_and_sends_compressed_messages(bool overTls)
    {
        using var certificate = new SelfSignedCertificate();
        (string, string?)[] tls = [("Listen:Url", "https://127.0.0.1:0"), ("Listen:CertificatePath", certificate.PemPath), ("Listen:CertificateKeyPath", certificate.KeyPath)];
        await using var edge = await EdgeHost.StartAsync([Enabled, .. overTls ? tls : []]);
        using var client = new ClientWebSocket();
        client.Options.RemoteCertificateValidationCallback = (_, shown, _, _) => certificate.IsThis(shown);
        client.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        client.Options.CollectHttpResponseDetails = true;
        await client.ConnectAsync(new UriBuilder(edge.Address) { Scheme = overTls ? "wss" : "ws", Path = "/ws", Query = edge.Query("1001") }.Uri, Cancelled);
        Assert.StartsWith("permessage-deflate;", Assert.Single(client.HttpResponseHeaders!["Sec-WebSocket-Extensions"]), StringComparison.Ordinal);
        await using var plain = await edge.OpenAsync("1001", overTls ? certificate : null);

        foreach (var text in (string[])["goal", Score, string.Concat(Enumerable.Repeat(Score, 30)), "corner", Score])
        {
            edge.Publish("1001", text);
            Assert.Equal(text, await ReceiveAsync(client));
            Assert.Equal((Text, text), (await plain.ReadFrameAsync()).Content);
        }

        await client.SendAsync(Encoding.UTF8.GetBytes(Score), WebSocketMessageType.Text, endOfMessage: false, Cancelled);
        await client.SendAsync(Encoding.UTF8.GetBytes(Score), WebSocketMessageType.Text, endOfMessage: true, Cancelled);
        await client.SendAsync(new byte[8000], WebSocketMessageType.Binary, endOfMessage: true, Cancelled);
        Assert.Equal(WebSocketMessageType.Close, (await ReceiveAsync(client, new byte[100], "the close frame")).MessageType);
        Assert.Equal(1009, (int?)client.CloseStatus);
    }

    [Fact]
    public async Task An_upgrade_on_a_kept_alive_connection_negotiates_too()
    {
        await using var edge = await EdgeHost.StartAsync(Enabled);
        await using var client = await edge.ConnectAsync();
        await client.SendAsync("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.EndsWith("hello", await client.ReadResponseAsync(), StringComparison.Ordinal);

        await AssertCompressesAsync(edge, client);
    }

    [Fact]
    public async Task A_taken_over_connection_negotiates_and_reads_every_field()
    {
        await using var edge = await EdgeHost.StartAsync(Enabled);
        await using var client = await edge.ConnectAsync();

        await AssertCompressesAsync(edge, client, "Sec-WebSocket-Extensions: x-unknown\r\n");
    }

    [Fact]
    public async Task Who_does_not_offer_it_gets_messages_as_they_are()
    {
        await using var edge = await EdgeHost.StartAsync(Enabled);
        await using var client = await edge.OpenAsync("1001");

        edge.Publish("1001", Score);

        Assert.Equal((Text, Score), (await client.ReadFrameAsync()).Content);
        await client.SendAsync(Frame(0x40 | Text, [0x00]));
        Assert.Equal(1002, await client.ReadCloseAsync());
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF }, 1007)]
    [InlineData(new byte[] { 0x02, 0x02, 0x00, 0xFD, 0xFF, 0xC3, 0x28 }, 1007)]
    public async Task Bad_compressed_messages_close_their_connection(byte[] payload, int code)
    {
        await using var edge = await EdgeHost.StartAsync(Enabled);
        await using var client = await edge.ConnectAsync();
        await client.SendAsync(RawClient.Handshake(edge.Query("1001"), Offer));
        await client.ReadResponseAsync();

        await client.SendAsync((byte[])[.. Frame(0x40 | Text, payload), .. new byte[2000]]);

        Assert.Equal(code, await client.ReadCloseAsync());
        Assert.Empty(await client.ReadToEndAsync());
    }

    private static async Task AssertCompressesAsync(EdgeHost edge, RawClient client, string fields = "")
    {
        await client.SendAsync(RawClient.Handshake(edge.Query("1001"), fields + Offer));
        Assert.Contains(Accepted, await client.ReadResponseAsync(), StringComparison.Ordinal);

        edge.Publish("1001", "goal");
        edge.Publish("1001", Score);

        Assert.Equal((Text, "goal"), (await client.ReadFrameAsync()).Content);
        var (opcode, payload) = (await client.ReadFrameAsync()).Content;
        Assert.Equal(Text, opcode);
        Assert.Equal(Score, Encoding.UTF8.GetString(ReceivedFrame.Inflate(Encoding.Latin1.GetBytes(payload))));
        await client.SendAsync((byte[])[.. Frame(0x40 | Text, [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]), .. Frame(Ping, "x")]);
        Assert.Equal((Pong, "x"), (await client.ReadFrameAsync()).Content);
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket client)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await ReceiveAsync(client, buffer.AsMemory(length), "a message");
            length += part.Count;
        }
        while (!part.EndOfMessage);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static Task<ValueWebSocketReceiveResult> ReceiveAsync(ClientWebSocket client, Memory<byte> buffer, string what) =>
        client.ReceiveAsync(buffer, Cancelled).AsTask().WithinAsync(Limit, what);
}
