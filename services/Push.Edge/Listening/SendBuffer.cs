using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Push.Edge.Listening;

internal static class SendBuffer
{
    /// <summary>Bounds what a client that does not read pins of the kernel's memory: by default megabytes. Setting it also ends the kernel's own tuning of it.</summary>
    public static void Bound(IFeatureCollection features, int bytes)
    {
        try
        {
            if (features.Get<IConnectionSocketFeature>() is { Socket: var socket })
            {
                socket.SendBufferSize = bytes;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer is gone, which the next read or write says.
        }
    }
}
