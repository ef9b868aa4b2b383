using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Push.Edge.Connections;

namespace Push.Edge.Listening;

/// <summary>Chooses how a connection's bytes go out.</summary>
internal static class ConnectionTransport
{
    /// <summary>The socket itself where it carries plain text; with TLS never, since whatever is written to the socket then goes out unencrypted. False when the peer is gone.</summary>
    public static bool TryCreateSink(ConnectionContext context, int sendBufferBytes, [NotNullWhen(true)] out IConnectionSink? sink)
    {
        sink = null;
        if (context.Features.Get<ITlsHandshakeFeature>() is not null || context.Features.Get<IConnectionSocketFeature>() is not { Socket: var socket })
        {
            sink = new PipeSink(context.Transport, context.Abort);
            return true;
        }

        try
        {
            socket.Blocking = false;

            // By default the kernel lets a stalled client pin megabytes; a bound of its own also ends the kernel's tuning of it.
            socket.SendBufferSize = sendBufferBytes;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }

        sink = new SocketSink(context);
        return true;
    }
}
