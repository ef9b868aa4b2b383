using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Push.Edge.Listening;
using Push.Edge.Transports.Sockets;
using Push.TestKit;
using Push.TestKit.Clients;
using Xunit;

namespace Push.IntegrationTests.Listening;

/// <summary>What the loops serve, and what is Kestrel's.</summary>
public sealed class LoopListenerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_handshake_costs_kestrel_nothing()
    {
        await using var edge = await EdgeHost.StartAsync();
        SkipOverPipes(edge);
        await using var client = await edge.OpenAsync("1001");
        await using var inPieces = await edge.OpenAsync("1001", inPieces: true);

        edge.Publish("1001", "goal");

        Assert.Equal("goal", (await client.ReadFrameAsync()).Text);
        Assert.Equal("goal", (await inPieces.ReadFrameAsync()).Text);
        Assert.Equal(0, edge.KestrelConnections);
    }

    [Fact]
    public async Task Everything_else_is_kestrels()
    {
        await using var edge = await EdgeHost.StartAsync();
        SkipOverPipes(edge);
        await using var keptAlive = await edge.OpenKeptAliveAsync("1001");
        await using var refused = await edge.ConnectAsync();
        await refused.SendAsync(RawClient.Handshake("?token=nonsense"));
        Assert.StartsWith("HTTP/1.1 401 ", await refused.ReadResponseAsync(), StringComparison.Ordinal);
        await using var nonsense = await edge.ConnectAsync();
        await nonsense.SendAsync("no HTTP at all\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400 ", await nonsense.ReadResponseAsync(), StringComparison.Ordinal);

        edge.Publish("1001", "goal");

        Assert.Equal("goal", (await keptAlive.ReadFrameAsync()).Text);
        Assert.Equal(3, edge.KestrelConnections);
    }

    [Fact]
    public async Task A_connection_that_ends_without_a_byte_leaves_nothing()
    {
        await using var edge = await EdgeHost.StartAsync();
        SkipOverPipes(edge);
        for (var i = 0; i < 20; i++)
        {
            using var probe = new TcpClient();
            await probe.ConnectAsync(IPAddress.Loopback, edge.Address.Port, Cancelled);
            probe.Client.Close(timeout: i % 2 == 0 ? 0 : -1);
        }

        await using var client = await edge.OpenAsync();

        Assert.Equal(1, edge.Connections.Count);
        Assert.DoesNotContain(edge.Log.Lines, line => line.Contains("Push.Edge.Listening", StringComparison.Ordinal) && !line.StartsWith("Information", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stopped_edge_listens_no_more_and_holds_nobody()
    {
        await using var edge = await EdgeHost.StartAsync();
        SkipOverPipes(edge);
        var port = edge.Address.Port;
        await using var silent = await edge.ConnectAsync();
        await using var open = await edge.OpenAsync();

        await edge.StopAsync().WithinAsync(Limit, "the Edge stops");
        await edge.DisposeAsync();

        Assert.Empty(await silent.ReadToEndAsync());
        using var late = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => late.ConnectAsync(IPAddress.Loopback, port, Cancelled).AsTask());
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_as_such()
    {
        await using var edge = await EdgeHost.StartAsync();
        SkipOverPipes(edge);

        var error = await Assert.ThrowsAsync<AddressInUseException>(
            () => edge.Listeners.BindAsync(new IPEndPoint(IPAddress.Loopback, edge.Address.Port), Cancelled).AsTask());

        Assert.NotEmpty(error.Message);
    }

    [Fact]
    public async Task A_connection_that_cannot_be_made_costs_itself_alone()
    {
        await using var edge = await EdgeHost.StartAsync();
        SkipOverPipes(edge);
        using var server = new SocketConnectionContextFactory(new SocketConnectionFactoryOptions(), NullLogger.Instance);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        var made = 0;
        socket.Blocking = false;
        await using var listener = new LoopListener(
            socket,
            edge.Loops,
            new SocketLimit(int.MaxValue),
            server,
            new CountingMemory().Create(),
            NullLogger<LoopListener>.Instance,
            accepted => made++ switch
            {
                0 => throw new ObjectDisposedException("Socket"),
                1 => throw new SocketException((int)SocketError.NotConnected),
                _ => server.Create(accepted),
            });
        var clients = new List<RawClient>();
        for (var i = 0; i < 3; i++)
        {
            var client = await RawClient.ConnectAsync(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.EndPoint).Port}"));
            await client.SendAsync("GET / HTTP/1.1\r\n\r\n");
            clients.Add(client);
        }

        await using var connection = await listener.AcceptAsync(Cancelled).AsTask().WithinAsync(Limit, "the third connection");

        Assert.NotNull(connection);
        Assert.Equal(3, made);
        var unbinding = listener.UnbindAsync(Cancelled);
        Assert.Null(await listener.AcceptAsync(Cancelled).AsTask().WithinAsync(Limit, "the listener is unbound"));
        await unbinding;
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    private static void SkipOverPipes(EdgeHost edge) => Assert.SkipUnless(edge.Loops.UsesSockets, "Kestrel accepts");
}
