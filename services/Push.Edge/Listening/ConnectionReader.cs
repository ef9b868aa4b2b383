using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Push.Edge.Connections;
using Push.Edge.Transports.WebSockets;

namespace Push.Edge.Listening;

/// <summary>Reads what a client sends, answers what must be answered, and takes the connection out of the registry when it ends.</summary>
internal sealed partial class ConnectionReader(ConnectionRegistry connections, IOptions<EdgeOptions> options, ILogger<ConnectionReader> logger)
{
    private readonly int _maxMessageBytes = options.Value.MaxClientMessageBytes;

    /// <summary>Returns when nothing more will be read or written: the transport may then be closed.</summary>
    public async Task RunAsync(PipeReader input, Connection connection)
    {
        var frames = new ClientFrameReader(_maxMessageBytes, connection.TakesDeflate);
        var isReadable = true;
        try
        {
            while (!connection.IsEnded)
            {
                var result = await input.ReadAsync();
                connection.UnansweredPings = 0;
                var rest = result.Buffer;
                isReadable = isReadable && TryHandle(ref frames, ref rest, connection);

                // What can't be read is taken all the same: closing a socket that holds unread bytes resets it, and the reset overtakes the close frame.
                input.AdvanceTo(isReadable ? rest.Start : rest.End, rest.End);
                if (result.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception e) when (IsLost(e))
        {
            // The peer or the network has ended it: the registry gives it that reason, unless it has one.
        }
        finally
        {
            connections.Remove(connection);
            await connection.SettleAsync();
        }
    }

    /// <summary>What reading from a connection throws once it is gone.</summary>
    public static bool IsLost(Exception exception) =>
        exception is IOException or OperationCanceledException or ObjectDisposedException or SocketException;

    /// <returns>False once the client has broken the protocol: what follows can't be read.</returns>
    private static bool TryHandle(ref ClientFrameReader frames, ref ReadOnlySequence<byte> buffer, Connection connection)
    {
        Span<byte> payload = stackalloc byte[ClientFrameHeader.MaxControlPayload];
        Span<byte> ping = stackalloc byte[ClientFrameHeader.MaxControlPayload];
        var pingLength = -1;
        for (var frame = frames.Read(ref buffer, payload); frame.Kind != ClientFrameKind.Incomplete; frame = frames.Read(ref buffer, payload))
        {
            switch (frame.Kind)
            {
                case ClientFrameKind.Ping:
                    payload.CopyTo(ping);
                    pingLength = frame.PayloadLength;
                    break;
                case ClientFrameKind.Close:
                    connection.CloseReceived(frame.Answer!);
                    return false;
                case ClientFrameKind.Violation:
                    connection.Close(frame.Answer!);
                    return false;
            }
        }

        // The last of several pings may stand for all of them (RFC 6455, section 5.5.3): a flood of them costs no more than the reading.
        if (pingLength >= 0)
        {
            connection.SendControl(ClientFrameHeader.Pong, ping[..pingLength]);
        }

        return true;
    }

    // ---- Sockets that no server reads: nothing is held for a client that sends nothing. ----

    private const int ReadBytes = 4 * 1024;

    /// <summary>Serves <paramref name="connection"/> until nothing more will be read or written, and disposes the socket. Sees its own failures: nobody waits for it.</summary>
    public async Task RunAsync(Socket socket, Connection connection)
    {
        var reading = new Reading { Frames = new ClientFrameReader(_maxMessageBytes, connection.TakesDeflate), IsReadable = true };
        try
        {
            while (!connection.IsEnded)
            {
                // A receive of nothing waits without a buffer.
                await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
                if (!TryReceive(socket, connection, ref reading))
                {
                    break;
                }
            }
        }
        catch (Exception e) when (IsLost(e))
        {
            // The peer or the network has ended it: the registry gives it that reason, unless it has one.
        }
        catch (Exception e)
        {
            LogFailed(logger, connection.Id, e);
        }
        finally
        {
            connections.Remove(connection);
            reading.Release();
            lock (socket)
            {
                // See SocketTransport.End.
                socket.Dispose();
            }
        }
    }

    /// <summary>Takes what the kernel has. False at the end of the stream.</summary>
    private static bool TryReceive(Socket socket, Connection connection, ref Reading reading)
    {
        var count = socket.Receive(reading.Free(), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
        {
            // Nothing there after all: not the end.
            reading.ReleaseIfEmpty();
            return true;
        }

        if (error != SocketError.Success || count == 0)
        {
            return false;
        }

        connection.UnansweredPings = 0;
        var rest = reading.Append(count);
        reading.IsReadable = reading.IsReadable && TryHandle(ref reading.Frames, ref rest, connection);

        // What can't be read is taken all the same: closing a socket that holds unread bytes resets it, and the reset overtakes the close frame.
        reading.Keep(reading.IsReadable ? rest : default);
        return true;
    }

    /// <summary>Where a client's frames stand, with the bytes of one that is not complete.</summary>
    private struct Reading
    {
        public ClientFrameReader Frames;
        public bool IsReadable;
        private byte[]? _buffer;
        private int _length;

        /// <summary>Where the next bytes go, behind those that are kept.</summary>
        public Span<byte> Free()
        {
            if (_buffer is null)
            {
                _buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
            }
            else if (_length == _buffer.Length)
            {
                // Bounded by the largest message: the frames' reader refuses a longer frame by its header.
                var larger = ArrayPool<byte>.Shared.Rent(_length * 2);
                _buffer.CopyTo(larger, 0);
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = larger;
            }

            return _buffer.AsSpan(_length);
        }

        public ReadOnlySequence<byte> Append(int count)
        {
            _length += count;
            return new ReadOnlySequence<byte>(_buffer!, 0, _length);
        }

        /// <summary>Keeps <paramref name="rest"/>, the end of what <see cref="Append"/> returned, and forgets what comes before it.</summary>
        public void Keep(in ReadOnlySequence<byte> rest)
        {
            if (rest.IsEmpty)
            {
                Release();
                return;
            }

            var span = rest.FirstSpan;
            span.CopyTo(_buffer);
            _length = span.Length;
        }

        public void ReleaseIfEmpty()
        {
            if (_length == 0)
            {
                Release();
            }
        }

        public void Release()
        {
            if (_buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = null;
                _length = 0;
            }
        }
    }

    [LoggerMessage(EventIds.ReadFailed, LogLevel.Error, "Reading from connection {ConnectionId} failed; it is cut.")]
    private static partial void LogFailed(ILogger logger, string connectionId, Exception exception);
}
