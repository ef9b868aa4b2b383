using System.Buffers;
using System.Net.Sockets;
using Push.Edge.Connections;
using Push.Edge.Transports;

namespace Push.Edge.Listening;

/// <summary>
/// Takes WebSocket handshakes of <c>/ws</c> off accepted sockets before the server has spent anything on them (docs/adr/0004). It looks at the first
/// bytes and leaves them where they are, unless they are a whole handshake that is admitted.
/// </summary>
internal sealed class SocketHandshake(HandshakeAdmission admission, ConnectionReader reader, HandshakeDeadlines deadlines)
{
    // A browser's head with its token fits; what does not is read by the middleware.
    private const int LookBytes = 4 * 1024;

    /// <summary>
    /// True where the socket is a WebSocket now, or has had its time. False: untouched, for the server to serve. Throws what
    /// <see cref="ConnectionReader.IsLost"/> knows where the peer is gone.
    /// </summary>
    /// <param name="socket">Does not block.</param>
    public async Task<bool> TryServeAsync(Socket socket)
    {
        if (!await HasArrivedAsync(socket))
        {
            return true;
        }

        if (TryTakeOver(socket) is not { } connection)
        {
            return false;
        }

        // Not awaited: what stands here would live as long as the connection.
        _ = reader.RunAsync(socket, connection);
        return true;
    }

    /// <summary>Waits for the first bytes. False where the deadline has passed, which disposes the socket.</summary>
    private async ValueTask<bool> HasArrivedAsync(Socket socket)
    {
        bool isInTime;
        deadlines.Start(socket);
        try
        {
            var arrival = socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
            if (arrival.IsCompleted)
            {
                // Whoever accepts has others to accept.
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            }

            await arrival;
        }
        finally
        {
            isInTime = deadlines.TryStop(socket);
        }

        return isInTime;
    }

    private Connection? TryTakeOver(Socket socket)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(LookBytes);
        try
        {
            var length = socket.Receive(buffer, SocketFlags.Peek, out var error);
            var head = admission.CreateHead();
            head.Read(new ReadOnlySequence<byte>(buffer, 0, error == SocketError.Success ? length : 0));
            return admission.TryTakeOver(head, (socket, buffer), OpenTransport);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static IConnectionTransport? OpenTransport((Socket Socket, byte[] Buffer) looked, long headLength, int sendBufferBytes)
    {
        // Read once more, to be consumed. A peer that is gone by now is noticed like one that goes later.
        _ = looked.Socket.Receive(looked.Buffer.AsSpan(0, (int)headLength), SocketFlags.None, out _);
        return TransportFactory.TryBound(looked.Socket, sendBufferBytes) ? new SocketTransport(looked.Socket) : null;
    }
}
