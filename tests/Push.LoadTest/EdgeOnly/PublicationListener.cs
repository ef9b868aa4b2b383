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
            using var stopping = stoppingToken.UnsafeRegister(_ => publisher.Dispose(), null);
            // A thread of its own: over the thread pool a message takes three wake-ups to the fan-out instead of one, and F3's p99 doubles.
            await Task.Factory.StartNew(() => Serve(publisher), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    private void Serve(Socket publisher)
    {
        try
        {
            var length = 0;
            int count;
            while ((count = publisher.Receive(_buffer.AsSpan(length))) > 0)
            {
                length = Publish(_buffer.AsMemory(0, length + count));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The publisher has gone without a goodbye, and the next one may come; or this process stops.
        }
    }

    // Returns how many bytes wait for more.
    private int Publish(Memory<byte> bytes)
    {
        while (NatsPublication.TryTake(ref bytes, out var room, out var message))
        {
            if (!room.IsEmpty)
            {
                fanout.Publish(new Publication { Target = RoomKey.Room(Encoding.ASCII.GetString(room)), Payload = message });
            }
        }

        bytes.CopyTo(_buffer);
        return bytes.Length;
    }
}
