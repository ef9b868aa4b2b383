using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Push.Edge.Transports;

namespace Push.Edge.Listening;

/// <summary>Chooses how a connection's bytes go out.</summary>
internal static class TransportFactory
{
    /// <summary>
    /// The socket itself where it carries plain text; with TLS never, since whatever is written to the socket then goes out unencrypted.
    /// False when the peer is gone.
    /// </summary>
    public static bool TryCreate(ConnectionContext context, int sendBufferBytes, [NotNullWhen(true)] out IConnectionTransport? transport)
    {
        transport = null;
        if (!TryBound(context.Features, sendBufferBytes))
        {
            return false;
        }

        if (context.Features.Get<ITlsHandshakeFeature>() is not null || context.Features.Get<IConnectionSocketFeature>() is not { Socket: var socket })
        {
            transport = new PipeTransport(context.Transport, context.Abort);
            return true;
        }

        try
        {
            socket.Blocking = false;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }

        transport = new KestrelSocketTransport(context, socket);
        return true;
    }

    /// <summary>Bounds what a client that does not read pins of the kernel's memory: by default megabytes. False when the peer is gone.</summary>
    public static bool TryBound(IFeatureCollection features, int sendBufferBytes) =>
        features.Get<IConnectionSocketFeature>() is not { Socket: var socket } || TryBound(socket, sendBufferBytes);

    /// <inheritdoc cref="TryBound(IFeatureCollection, int)"/>
    public static bool TryBound(Socket socket, int sendBufferBytes)
    {
        try
        {
            // Setting it also ends the kernel's own tuning of it.
            socket.SendBufferSize = sendBufferBytes;
            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
