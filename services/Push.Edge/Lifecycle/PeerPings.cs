using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.Edge.Connections;
using Push.Edge.Listening;
using Push.Edge.Transports.WebSockets;

namespace Push.Edge.Lifecycle;

/// <summary>
/// Finds peers that are gone without a word, and keeps the others' connections open through proxies. Says nothing about the client's liveness:
/// libraries answer pings by themselves.
/// </summary>
internal sealed class PeerPings(ConnectionRegistry connections, IOptions<EdgeOptions> options)
{
    private const int MaxUnanswered = 2;

    private readonly uint _slots = (uint)Math.Max(1, options.Value.PingInterval / ConnectionClock.Interval);
    private uint _turn;

    /// <summary>Pings the connections whose turn it is: each once in the interval, all of them spread over it by their ids.</summary>
    public void Step()
    {
        var slot = _turn++ % _slots;
        foreach (var connection in connections.Connections)
        {
            if ((uint)connection.Id.GetHashCode(StringComparison.Ordinal) % _slots != slot)
            {
                continue;
            }

            if (connection.UnansweredPings >= MaxUnanswered)
            {
                connection.Close(CloseReason.ConnectionLost);
            }
            else
            {
                connection.UnansweredPings++;
                connection.SendControl(ClientFrameHeader.Ping, []);
            }
        }
    }
}
