using System.Net;
using System.Net.Sockets;
using Push.LoadTest.Native;
using Push.LoadTest.Wire;

namespace Push.LoadTest.Publishing;

/// <summary>One kept-alive connection. <c>HttpClient</c> would take several times the CPU, and that from the server on the same machine.</summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _response = new byte[16 * 1024];
    private byte[] _request = [];
    private long _usedAt;

    /// <summary>Servers close connections that nobody uses: Kestrel after 130 s, nginx after 75.</summary>
    public bool IsStale => MonotonicClock.Now - _usedAt > 30 * MonotonicClock.Second;

    /// <summary>Returns the status once the whole response is here.</summary>
    public async ValueTask<int> PostAsync(IPEndPoint server, HttpRequestParts parts, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var length = parts.Head.Length + payload.Length + parts.Tail.Length;
        if (_request.Length < length)
        {
            _request = new byte[length];
        }

        parts.Head.CopyTo(_request, 0);
        payload.CopyTo(_request.AsMemory(parts.Head.Length));
        parts.Tail.CopyTo(_request, parts.Head.Length + payload.Length);
        return await SendAsync(server, _request.AsMemory(0, length), cancellationToken);
    }

    /// <summary>Sends a whole request; returns the status once the whole response is here.</summary>
    public async ValueTask<int> SendAsync(IPEndPoint server, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        if (!_socket.Connected)
        {
            await _socket.ConnectAsync(server, cancellationToken);
        }

        for (var sent = 0; sent < request.Length;)
        {
            sent += await _socket.SendAsync(request[sent..], SocketFlags.None, cancellationToken);
        }

        for (var received = 0; received < _response.Length;)
        {
            var count = await _socket.ReceiveAsync(_response.AsMemory(received), SocketFlags.None, cancellationToken);
            if (count == 0)
            {
                throw new IOException("the server closed the connection");
            }

            received += count;
            if (HttpResponse.TryRead(_response.AsSpan(0, received), out var status))
            {
                _usedAt = MonotonicClock.Now;
                return status;
            }
        }

        throw new IOException("the response is too long");
    }

    public void Dispose() => _socket.Dispose();
}
