using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Push.Edge.Listening;
using Push.Edge.Transports;
using Xunit;

namespace Push.IntegrationTests.Listening;

public sealed class TransportFactoryTests
{
    private const int SendBufferBytes = 32 * 1024;

    [Fact]
    public async Task A_client_that_does_not_read_pins_little_of_the_kernels_memory()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient { ReceiveBufferSize = 4 * 1024 };
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, TestContext.Current.CancellationToken);
        using var server = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        var context = new DefaultConnectionContext();
        context.Features.Set<IConnectionSocketFeature>(new SocketFeature(server));

        Assert.True(TransportFactory.TryCreate(context, SendBufferBytes, out var transport));
        var chunk = new byte[SendBufferBytes];
        var pinned = 0;
        for (int taken; transport.TryWrite(chunk, out taken) && taken > 0;)
        {
            pinned += taken;
        }

        Assert.IsType<KestrelSocketTransport>(transport);
        Assert.InRange(pinned, 1, 8 * SendBufferBytes);
    }

    [Fact]
    public void A_peer_that_is_gone_already_gets_no_transport()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Dispose();
        var context = new DefaultConnectionContext();
        context.Features.Set<IConnectionSocketFeature>(new SocketFeature(socket));

        Assert.False(TransportFactory.TryCreate(context, SendBufferBytes, out _));
    }

    private sealed class SocketFeature(Socket socket) : IConnectionSocketFeature
    {
        public Socket Socket => socket;
    }
}
