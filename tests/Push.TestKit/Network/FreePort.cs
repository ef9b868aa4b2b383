using System.Net;
using System.Net.Sockets;

namespace Push.TestKit.Network;

/// <summary>Ports for programs that must be told theirs, and keep it over a restart.</summary>
public static class FreePort
{
    // Below the range from which operating systems take the ports of outgoing connections,
    // so that none of those occupies the port while its program is being restarted.
    private const int First = 20_000;
    private const int Last = 32_000;
    private const int Attempts = 1_000;

    private static readonly HashSet<int> Taken = [];
    private static readonly Lock Gate = new();

    /// <summary>A port that nothing listens on and that this process has not given out before.</summary>
    public static int Take()
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var port = Random.Shared.Next(First, Last);
            lock (Gate)
            {
                if (IsFree(port) && Taken.Add(port))
                {
                    return port;
                }
            }
        }

        throw new InvalidOperationException($"no free port between {First} and {Last}");
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
