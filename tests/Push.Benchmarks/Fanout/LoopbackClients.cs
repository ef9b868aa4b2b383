using System.Net;
using System.Net.Sockets;

namespace Push.Benchmarks.Fanout;

/// <summary>Clients in a process of their own, and the server's sockets to them, set as an Edge sets them.</summary>
internal sealed class LoopbackClients : IDisposable
{
    private readonly Receiver _receiver;

    private LoopbackClients(Receiver receiver, List<Socket> sockets)
    {
        _receiver = receiver;
        Sockets = sockets;
    }

    public List<Socket> Sockets { get; }

    public static async Task<LoopbackClients> ConnectAsync(int count)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(count);
        var receiver = new Receiver((IPEndPoint)listener.LocalEndPoint!, count);
        var sockets = new List<Socket>();
        while (sockets.Count < count)
        {
            var socket = await listener.AcceptAsync();
            socket.Blocking = false;
            socket.NoDelay = true;
            socket.SendBufferSize = 32 * 1024;
            sockets.Add(socket);
        }

        return new LoopbackClients(receiver, sockets);
    }

    /// <summary>What the one that has read least has read.</summary>
    public long LeastBytes() => _receiver.LeastBytes(Sockets.Count);

    /// <summary>What one of them has read.</summary>
    public long Bytes(int index) => _receiver.Bytes(index);

    public void Dispose()
    {
        Sockets.ForEach(socket => socket.Dispose());
        _receiver.Dispose();
    }
}
