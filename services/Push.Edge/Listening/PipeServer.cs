using Push.Edge.Connections;
using Push.Edge.Fanout;
using Push.Edge.Transports;

namespace Push.Edge.Listening;

/// <summary>Serves connections whose bytes go through ASP.NET Core's pipes. Each lives in a loop like any other: what it receives comes there as mail.</summary>
internal sealed class PipeServer(EventLoops loops)
{
    /// <summary>Opens a connection whose handshake was accepted. Null where the Edge is full or draining by now: nothing has been written then.</summary>
    /// <param name="decision">The handshake's.</param>
    /// <param name="transport">Where its bytes go.</param>
    /// <param name="head">Of the 101 response; empty where the server writes it.</param>
    public async Task<Connection?> OpenAsync(HandshakeDecision decision, PipeTransport transport, ReadOnlyMemory<byte> head)
    {
        var connection = await loops.OpenAsync(decision, transport, head);
        if (connection is not null)
        {
            transport.HasRoom = () => loops.Flush(connection);

            // The response may have been flushed before anybody was told, and something may wait behind it.
            loops.Flush(connection);
        }

        return connection;
    }

    /// <summary>Cuts a connection that may not have been served yet. Returns when its loop has let go of it.</summary>
    public Task AbortAsync(Connection connection, PipeTransport transport)
    {
        loops.Abort(connection);
        return transport.Ended;
    }

    /// <summary>Reads until either side ends, and hands everything to the loop. Returns when nothing uses the pipes any more.</summary>
    public async Task RunAsync(Connection connection, PipeTransport transport)
    {
        try
        {
            while (!transport.Ended.IsCompleted)
            {
                var read = await transport.Input.ReadAsync();
                var piece = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, EventLoop.ReadBytes));
                if (!piece.IsEmpty)
                {
                    // One piece on its way at a time: a client that sends fast waits here.
                    await loops.ReceiveAsync(connection, piece);
                }

                transport.Input.AdvanceTo(piece.End);
                if (read.IsCompleted && piece.Length == read.Buffer.Length)
                {
                    break;
                }
            }
        }
        catch (Exception e) when (PipeTransport.IsGone(e))
        {
            // The peer or the network has ended it.
        }
        finally
        {
            loops.PeerGone(connection);
            await transport.Ended;
            await transport.SettleAsync();
        }
    }
}
