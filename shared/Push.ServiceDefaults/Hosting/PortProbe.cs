using System.Net;
using System.Net.Sockets;

namespace Push.ServiceDefaults.Hosting;

/// <summary>Tells that a port is taken before anything is started: Kestrel does so amid stack traces, and does not know the setting.</summary>
internal static class PortProbe
{
    public static bool IsTaken(IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return false;
        }
        catch (SocketException e)
        {
            // Whatever else is wrong with the address is Kestrel's to tell: a machine without IPv6 has no sockets of that family.
            return e.SocketErrorCode == SocketError.AddressAlreadyInUse;
        }
    }
}
