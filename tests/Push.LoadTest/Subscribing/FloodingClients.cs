using System.Net;
using System.Net.Sockets;
using System.Text;
using Push.LoadTest.Wire;

namespace Push.LoadTest.Subscribing;

/// <summary>Clients of one session that send frames of one byte as fast as their sockets take them, and read nothing. One thread serves them all.</summary>
internal sealed class FloodingClients : IDisposable
{
    private const byte Text = 0x81;
    private const int FramesPerWrite = 8 * 1024;

    // Flags, length, masking key, payload.
    private const int FrameLength = 2 + 4 + 1;

    private readonly List<Socket> _sockets = [];
    private readonly byte[] _frames = new byte[FramesPerWrite * FrameLength];
    private readonly Thread _thread;
    private volatile bool _isStopped;
    private long _sent;

    private FloodingClients()
    {
        for (var at = 0; at < _frames.Length; at += FrameLength)
        {
            ClientFrame.Write(Text, "x"u8, _frames.AsSpan(at));
        }

        _thread = new Thread(Flood) { IsBackground = true, Name = "flood" };
    }

    /// <summary>Frames that have been sent.</summary>
    public long Frames => Interlocked.Read(ref _sent) / FrameLength;

    public static async Task<FloodingClients> StartAsync(string endPoint, string path, string token, int count, CancellationToken cancellationToken)
    {
        var clients = new FloodingClients();
        for (var i = 0; i < count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            clients._sockets.Add(socket);
            await socket.ConnectAsync(IPEndPoint.Parse(endPoint), cancellationToken);
            await socket.SendAsync(
                Encoding.ASCII.GetBytes($"GET {path}?token={token} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bG9hZC10ZXN0LWtleS0xNg==\r\n\r\n"),
                cancellationToken);
            var response = new byte[1024];
            var length = await socket.ReceiveAsync(response, cancellationToken);
            if (!Encoding.ASCII.GetString(response, 0, length).StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
            {
                clients.Dispose();
                throw new InvalidOperationException($"A flooding client was refused: {Encoding.ASCII.GetString(response, 0, length)}");
            }

            socket.Blocking = false;
        }

        clients._thread.Start();
        return clients;
    }

    public void Dispose()
    {
        _isStopped = true;
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _sockets.ForEach(socket => socket.Dispose());
    }

    private void Flood()
    {
        // Where each stands in the frames: a write may end within one.
        var offsets = new int[_sockets.Count];
        while (!_isStopped)
        {
            var isIdle = true;
            for (var i = 0; i < _sockets.Count; i++)
            {
                var sent = _sockets[i].Connected ? _sockets[i].Send(_frames.AsSpan(offsets[i]), SocketFlags.None, out var error) : 0;
                if (sent > 0)
                {
                    isIdle = false;
                    offsets[i] = (offsets[i] + sent) % _frames.Length;
                    Interlocked.Add(ref _sent, sent);
                }
            }

            if (isIdle)
            {
                Thread.Yield();
            }
        }
    }
}
