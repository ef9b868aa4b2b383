using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Push.IntegrationTests.Listening;
using Push.TestKit;
using Push.TestKit.Clients;
using Push.TestKit.Network;
using Xunit;

namespace Push.IntegrationTests.Gateway;

/// <summary>WebSockets through the gateway to a real Edge: when the gateway stops, and when one side ends its half.</summary>
public sealed class WebSocketTunnelTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private EdgeHost _edge = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _edge = await EdgeHost.StartAsync();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public async Task A_stopping_gateway_closes_every_WebSocket_and_ends_with_the_last_one()
    {
        await using var gateway = await StartAsync("00:00:02");
        var clients = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ConnectAsync(gateway)));
        await WaitForConnectionsAsync(10);

        var stopping = gateway.App.StopAsync(Cancelled);
        Assert.All(await Task.WhenAll(clients.Select(CloseOfAsync)), close => Assert.Equal((WebSocketCloseStatus.EndpointUnavailable, "draining"), close));
        await stopping.WithinAsync(Patience, "the gateway stops");
        await WaitForConnectionsAsync(0);
        Assert.Contains("0 WebSockets are cut", Text(gateway), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_over_HTTP_2_with_TLS_is_closed_the_same_way()
    {
        using var certificate = new SelfSignedCertificate();
        await using var gateway = await StartAsync(
            "00:00:01", ("Listen:Url", "https://127.0.0.1:0"), ("Listen:CertificatePath", certificate.PemPath), ("Listen:CertificateKeyPath", certificate.KeyPath));
        using var client = new ClientWebSocket { Options = { HttpVersion = HttpVersion.Version20, HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact } };
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => certificate.IsThis(shown) } };
        using var invoker = new HttpMessageInvoker(handler);
        await client.ConnectAsync(new UriBuilder(gateway.Address) { Scheme = "wss", Path = "/ws", Query = _edge.Query("1001") }.Uri, invoker, Cancelled);
        _edge.Publish("1001", "GOAL");
        Assert.Equal("GOAL", await TextAsync(client));

        var stopping = gateway.App.StopAsync(Cancelled);
        Assert.Equal((WebSocketCloseStatus.EndpointUnavailable, "draining"), await CloseOfAsync(client));
        await stopping.WithinAsync(Patience, "the gateway stops");
        await WaitForConnectionsAsync(0);
    }

    [Fact]
    public async Task Who_does_not_answer_is_cut_when_the_time_is_up_and_a_handshake_meanwhile_is_refused()
    {
        await using var gateway = await StartAsync("00:00:02");
        await using var silent = await OpenAsync(gateway);

        var stopping = gateway.App.StopAsync(Cancelled);
        Assert.Equal(1001, await silent.ReadCloseAsync());
        await using (var late = await RawClient.ConnectAsync(gateway.Address))
        {
            await late.SendAsync(RawClient.Handshake(_edge.Query()));
            Assert.StartsWith("HTTP/1.1 503 ", await late.ReadResponseAsync(), StringComparison.Ordinal);
        }

        await stopping.WithinAsync(Patience, "the gateway stops");
        await WaitForConnectionsAsync(0);
        Assert.Contains("1 WebSockets are cut", Text(gateway), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frame_on_its_way_is_not_torn()
    {
        using var service = new TcpListener(IPAddress.Loopback, 0);
        service.Start();
        await using var gateway = await GatewayHost.StartAsync($"http://{service.LocalEndpoint}", $"http://{service.LocalEndpoint}", ("Gateway:DrainTimeout", "00:00:20"));
        await using var client = await RawClient.ConnectAsync(gateway.Address);
        await client.SendAsync(RawClient.Handshake("?token=a"));
        using var served = await AcceptUpgradeAsync(service);
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadResponseAsync(), StringComparison.Ordinal);
        await served.GetStream().WriteAsync(new byte[] { 0x82, 5, (byte)'h', (byte)'e' }, Cancelled);
        await client.ReadRawAsync(4);

        var stopping = gateway.App.StopAsync(Cancelled);
        await Deadline.UntilAsync(_ => Task.FromResult(Text(gateway).Contains("Draining 1 WebSockets", StringComparison.Ordinal)), Patience, "the drain begins", Cancelled);
        await served.GetStream().WriteAsync(Encoding.ASCII.GetBytes("llo"), Cancelled);
        Assert.Equal("llo", Encoding.ASCII.GetString(await client.ReadRawAsync(3)));
        Assert.Equal(1001, await client.ReadCloseAsync());
        await client.SendAsync(ClientFrames.CloseFrame(1001));
        Assert.Equal(8, (await ReadAsync(served, 1))[0] & 0xF);
        served.Close();
        await stopping.WithinAsync(Patience, "the gateway stops");
    }

    [Fact]
    public async Task The_answer_to_a_close_frame_arrives_although_the_client_has_ended_its_half()
    {
        await using var gateway = await StartAsync("00:00:01");
        await using var client = await OpenAsync(gateway);
        await client.SendAsync(ClientFrames.CloseFrame(1000));
        client.EndSending();
        Assert.Equal(1000, await client.ReadCloseAsync());
        Assert.Empty(await client.ReadToEndAsync());
        await WaitForConnectionsAsync(0);
    }

    [Fact]
    public async Task A_service_may_take_its_time_for_the_answer()
    {
        using var service = new TcpListener(IPAddress.Loopback, 0);
        service.Start();
        await using var gateway = await GatewayHost.StartAsync($"http://{service.LocalEndpoint}", $"http://{service.LocalEndpoint}");
        await using var client = await RawClient.ConnectAsync(gateway.Address);
        await client.SendAsync(RawClient.Handshake("?token=a"));
        using var served = await AcceptUpgradeAsync(service);
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadResponseAsync(), StringComparison.Ordinal);

        var close = ClientFrames.CloseFrame(1000);
        await client.SendAsync(close);
        client.EndSending();
        await ReadAsync(served, close.Length);

        // Long enough for the gateway to have seen the client's end.
        await Task.Delay(TimeSpan.FromMilliseconds(500), Cancelled);
        await served.GetStream().WriteAsync(ClientFrames.Unmasked(ClientFrames.Close, [3, 232]), Cancelled);
        served.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(1000, await client.ReadCloseAsync());
        Assert.Empty(await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_client_that_is_gone_without_a_close_frame_is_gone_for_the_Edge_too()
    {
        await using var gateway = await StartAsync("00:00:01");
        await using var ended = await OpenAsync(gateway);
        await using var reset = await OpenAsync(gateway);
        await WaitForConnectionsAsync(2);
        ended.EndSending();
        reset.Reset();
        await WaitForConnectionsAsync(0);
    }

    [Fact]
    public async Task What_the_Edge_says_last_arrives_when_it_ends_first()
    {
        await using var gateway = await StartAsync("00:00:01");
        await using var client = await OpenAsync(gateway);
        await client.SendAsync(ClientFrames.Unmasked(ClientFrames.Text, "a client's frames are masked"u8));
        Assert.Equal(1002, await client.ReadCloseAsync());
        Assert.Empty(await client.ReadToEndAsync());
    }

    private Task<GatewayHost> StartAsync(string drainTimeout, params (string Key, string? Value)[] settings) =>
        GatewayHost.StartAsync(_edge.Address.AbsoluteUri, _edge.Address.AbsoluteUri, [("Gateway:DrainTimeout", drainTimeout), .. settings]);

    private async Task<ClientWebSocket> ConnectAsync(GatewayHost gateway)
    {
        var client = new ClientWebSocket();
        await client.ConnectAsync(new UriBuilder(gateway.Address) { Scheme = "ws", Path = "/ws", Query = _edge.Query() }.Uri, Cancelled);
        return client;
    }

    private async Task<RawClient> OpenAsync(GatewayHost gateway)
    {
        var client = await RawClient.ConnectAsync(gateway.Address);
        await client.SendAsync(RawClient.Handshake(_edge.Query()));
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadResponseAsync(), StringComparison.Ordinal);
        return client;
    }

    private static async Task<(WebSocketCloseStatus? Status, string? Text)> CloseOfAsync(ClientWebSocket client)
    {
        using (client)
        {
            var received = await client.ReceiveAsync(new byte[100].AsMemory(), Cancelled).AsTask().WithinAsync(Patience, "a close frame");
            Assert.Equal(WebSocketMessageType.Close, received.MessageType);
            await client.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "", Cancelled);
            return (client.CloseStatus, client.CloseStatusDescription);
        }
    }

    private static async Task<string> TextAsync(ClientWebSocket client)
    {
        var buffer = new byte[100];
        var received = await client.ReceiveAsync(buffer.AsMemory(), Cancelled).AsTask().WithinAsync(Patience, "a message");
        return Encoding.UTF8.GetString(buffer, 0, received.Count);
    }

    private static async Task<TcpClient> AcceptUpgradeAsync(TcpListener service)
    {
        while (true)
        {
            var served = await service.AcceptTcpClientAsync(Cancelled).AsTask().WithinAsync(Patience, "the gateway connects");
            var head = await ReadHeadAsync(served).WithinAsync(Patience, "the request passes the gateway");
            if (head.StartsWith("GET /ws", StringComparison.Ordinal))
            {
                await served.GetStream().WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"), Cancelled);
                return served;
            }

            served.Dispose();
        }
    }

    private static string Text(GatewayHost gateway) => string.Join('\n', gateway.Log.Lines);

    private Task WaitForConnectionsAsync(int count) =>
        Deadline.UntilAsync(_ => Task.FromResult(_edge.Connections.Count == count), Patience, $"{count} connections at the Edge", Cancelled);

    private static async Task<byte[]> ReadAsync(TcpClient from, int count)
    {
        var bytes = new byte[count];
        await from.GetStream().ReadExactlyAsync(bytes, Cancelled).AsTask().WithinAsync(Patience, $"{count} bytes from the gateway");
        return bytes;
    }

    private static async Task<string> ReadHeadAsync(TcpClient from)
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await ReadAsync(from, 1))[0]);
        }

        return head.ToString();
    }
}
