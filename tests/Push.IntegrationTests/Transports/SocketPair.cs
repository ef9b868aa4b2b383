using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Push.IntegrationTests.Transports;

/// <summary>A connected pair of loopback sockets: the server's as the listener prepares it, and the client's.</summary>
internal sealed class SocketPair : IDisposable
{
    private SocketPair(Socket server, Socket client)
    {
        Socket = server;
        Client = client;
        server.Blocking = false;
        server.NoDelay = true;
        server.SendBufferSize = 32 * 1024;
    }

    private bool _isTaken;

    public Socket Socket { get; }

    public Socket Client { get; }

    public static async Task<SocketPair> CreateAsync(CancellationToken cancellationToken)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 16 * 1024 };
        await client.ConnectAsync(listener.LocalEndPoint!, cancellationToken);
        return new SocketPair(await listener.AcceptAsync(cancellationToken), client);
    }

    /// <summary>A descriptor of the server's end that is the caller's to close.</summary>
    public int TakeDescriptor()
    {
        _isTaken = true;
        return (int)Socket.Handle;
    }

    /// <summary>What the client receives until <paramref name="isEnough"/>, or until the server's end.</summary>
    public async Task<byte[]> ReadAsync(Func<int, bool> isEnough, CancellationToken cancellationToken)
    {
        var received = new ArrayBufferWriter<byte>();
        while (!isEnough(received.WrittenCount))
        {
            var count = await Client.ReceiveAsync(received.GetMemory(4096), cancellationToken);
            if (count == 0)
            {
                break;
            }

            received.Advance(count);
        }

        return received.WrittenSpan.ToArray();
    }

    public void Dispose()
    {
        Client.Dispose();
        if (!_isTaken)
        {
            Socket.Dispose();
            return;
        }

        // Its number may be another's by now.
        Socket.SafeHandle.SetHandleAsInvalid();
    }
}
