using System.Buffers;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Push.Edge.Connections;
using Push.Edge.Telemetry;

namespace Push.Edge.Listening;

/// <summary>
/// Takes WebSocket handshakes of <c>/ws</c> off accepted sockets before the server has spent anything on them (docs/adr/0004). It looks at the first
/// bytes and leaves them where they are, unless they are a whole handshake that is admitted.
/// </summary>
internal sealed class SocketUpgrade(
    UpgradeAdmission admission,
    ConnectionRegistry connections,
    ConnectionReader reader,
    HandshakeDeadlines deadlines,
    EdgeMetrics metrics,
    IOptions<EdgeOptions> options)
{
    // A browser's head with its token fits; what does not is read by the middleware.
    private const int LookBytes = 4 * 1024;

    private readonly int _maxHeadBytes = options.Value.MaxRequestHeadBytes;
    private readonly int _sendBufferBytes = options.Value.SocketSendBufferBytes;

    /// <summary>True where the socket is a WebSocket now, or has ended. False: untouched, for the server to serve.</summary>
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

    /// <summary>Waits for the first bytes. False, the socket disposed, where none come.</summary>
    private async ValueTask<bool> HasArrivedAsync(Socket socket)
    {
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
            if (deadlines.TryStop(socket))
            {
                return true;
            }

            metrics.HandshakeRefused(HandshakeDeadlines.Refusal);
        }
        catch (Exception e) when (ConnectionReader.IsLost(e))
        {
            if (!deadlines.TryStop(socket))
            {
                metrics.HandshakeRefused(HandshakeDeadlines.Refusal);
            }
        }

        socket.Dispose();
        return false;
    }

    private Connection? TryTakeOver(Socket socket)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(LookBytes);
        try
        {
            var length = socket.Receive(buffer, SocketFlags.Peek, out var error);
            var head = admission.CreateHead();
            head.Read(new ReadOnlySequence<byte>(buffer, 0, error == SocketError.Success ? length : 0));
            return head.Status == RequestHeadStatus.Handshake && head.Length <= _maxHeadBytes ? TryOpen(socket, head, buffer) : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private Connection? TryOpen(Socket socket, RequestHead head, byte[] buffer)
    {
        var request = head.ToRequest();
        if (!admission.TryAdmit(request, out var connection, out var extensions))
        {
            return null;
        }

        // Read once more, to be consumed. A peer that is gone by now is noticed like one that goes later.
        _ = socket.Receive(buffer.AsSpan(0, (int)head.Length), SocketFlags.None, out _);
        if (ConnectionTransport.TryCreateSink(socket, _sendBufferBytes, out var sink))
        {
            admission.Start(connection, sink, request, extensions);
            return connection;
        }

        connections.Remove(connection);
        return null;
    }
}
