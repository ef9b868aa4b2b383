using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Push.Edge.Connections;

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

    [LoggerMessage(EventIds.ReadFailed, LogLevel.Error, "Reading from connection {ConnectionId} failed; it is cut.")]
    private static partial void LogFailed(ILogger logger, string connectionId, Exception exception);
}
