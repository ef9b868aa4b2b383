using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Hosting;
using Push.Contracts;
using Push.Edge.Fanout;
using Push.LoadTest.Wire;

namespace Push.LoadTest.EdgeOnly;

/// <summary>Hands what publishers send to the fan-out, one publisher at a time.</summary>
internal sealed class PublicationListener(int port, RoomFanout fanout) : BackgroundService
{
    private readonly byte[] _buffer = new byte[256 * 1024];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        while (true)
        {
            using var publisher = await listener.AcceptSocketAsync(stoppingToken);
            try
            {
                await ServeAsync(publisher, stoppingToken);
            }
            catch (SocketException)
            {
                // The publisher has gone without a goodbye; the next one may come.
            }
        }
    }

    private async Task ServeAsync(Socket publisher, CancellationToken cancellationToken)
    {
        var length = 0;
        int count;
        while ((count = await publisher.ReceiveAsync(_buffer.AsMemory(length), cancellationToken)) > 0)
        {
            length = Publish(_buffer.AsMemory(0, length + count));
        }
    }

    // Returns how many bytes wait for more.
    private int Publish(Memory<byte> bytes)
    {
        while (NatsPublication.TryTake(ref bytes, out var room, out var message))
        {
            if (!room.IsEmpty)
            {
                fanout.Publish(new Publication(PushTarget.Room(Encoding.ASCII.GetString(room)), message, PublishedAt: null, OccurredAt: null, Trace: default));
            }
        }

        bytes.CopyTo(_buffer);
        return bytes.Length;
    }
}
