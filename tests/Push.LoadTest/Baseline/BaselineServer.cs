using System.Net;
using Push.LoadTest.Native;

namespace Push.LoadTest.Baseline;

/// <summary>
/// The least that a WebSocket server can do: one thread, a frame encoded once, a bare loop of <c>send()</c> over a room's sockets.
/// No tokens, no limits, no liveness. What a real server costs beyond it is what its features cost; it takes publications in NATS' client protocol.
/// </summary>
internal sealed partial class BaselineServer : IDisposable
{
    public const string Verb = "baseline";

    private const int ClientListener = -1;
    private const int PublisherListener = -2;
    private const int Publisher = -3;
    private const int Backlog = 4096;

    private readonly Poller _poller = new();
    private readonly RawSocket _clients;
    private readonly RawSocket _publishers;
    private readonly List<BaselineClient?> _connections = [];
    private readonly Stack<int> _free = new();
    private readonly Dictionary<string, BaselineRoom> _rooms = [];
    private readonly byte[] _buffer = new byte[64 * 1024];

    private BaselineServer(int clientPort, int publisherPort)
    {
        _clients = RawSocket.Listen(new IPEndPoint(IPAddress.Loopback, clientPort), Backlog);
        _publishers = RawSocket.Listen(new IPEndPoint(IPAddress.Loopback, publisherPort), Backlog);
        _poller.Watch(_clients, Poller.Readable, ClientListener);
        _poller.Watch(_publishers, Poller.Readable, PublisherListener);
    }

    /// <summary>Serves until its standard input ends.</summary>
    public static int Run(int clientPort, int publisherPort)
    {
        using var server = new BaselineServer(clientPort, publisherPort);
        var ended = 0;
        var parent = new Thread(() =>
        {
            while (Console.ReadLine() is not null)
            {
            }

            Volatile.Write(ref ended, 1);
        })
        { IsBackground = true };
        parent.Start();
        Console.WriteLine("listening");
        while (Volatile.Read(ref ended) == 0)
        {
            server.Turn();
        }

        return 0;
    }

    public void Dispose() => _poller.Dispose();

    private void Turn()
    {
        var count = _poller.Wait(100);
        for (var i = 0; i < count; i++)
        {
            var number = _poller.Event(i, out var writable);
            switch (number)
            {
                case ClientListener:
                    AcceptClients();
                    break;
                case PublisherListener:
                    AcceptPublisher();
                    break;
                case Publisher:
                    ReadPublications();
                    break;
                default:
                    Serve(number, writable);
                    break;
            }
        }
    }

    private void AcceptClients()
    {
        while (_clients.TryAccept(out var socket))
        {
            if (!_free.TryPop(out var number))
            {
                number = _connections.Count;
                _connections.Add(null);
            }

            _connections[number] = new BaselineClient(number, socket);
            _poller.Watch(socket, Poller.Readable, number);
        }
    }

    private void Serve(int number, bool writable)
    {
        if (_connections[number] is not { } client)
        {
            return;
        }

        if (writable && client.Flush())
        {
            _poller.Change(client.Socket, Poller.Readable, number);
        }

        var count = client.Socket.Receive(_buffer);
        if (count is 0 or < -1)
        {
            Remove(client);
        }
        else if (count > 0 && client.Room is null)
        {
            Upgrade(client, _buffer.AsSpan(0, count));
        }
    }

    private void Remove(BaselineClient client)
    {
        client.Room?.Members.Remove(client);
        client.Socket.Close();
        _connections[client.Number] = null;
        _free.Push(client.Number);
    }
}
