using Microsoft.Extensions.Options;
using Push.Edge.Connections;
using Push.Edge.Telemetry;
using Push.Edge.Transports;
using Push.Edge.Transports.WebSockets;

namespace Push.Edge.Listening;

/// <summary>The way from a request head that was read below HTTP to a live connection. What it does not admit is ASP.NET Core's to answer.</summary>
internal sealed class HandshakeAdmission(HandshakePolicy policy, ConnectionRegistry connections, EdgeMetrics metrics, IOptions<EdgeOptions> options)
{
    private readonly int _sendBufferBytes = options.Value.SocketSendBufferBytes;

    /// <summary>Takes the head off what the transport has received, and says where the connection's bytes go. Null when the peer is gone.</summary>
    public delegate IConnectionTransport? TransportOpener<in TSource>(TSource source, long headLength, int sendBufferBytes);

    /// <summary>Of a head that is taken over. A larger one is Kestrel's too: it answers 431 or 414.</summary>
    public int MaxHeadBytes { get; } = options.Value.MaxRequestHeadBytes;

    /// <summary>A head to read a request into.</summary>
    public RequestHead CreateHead() => new(keepsExtensions: policy.NegotiatesExtensions);

    /// <summary>
    /// Opens the connection and answers the handshake: it is live then, and in the registry until its owner removes it. Null where the head is no
    /// handshake that is admitted (it is untouched then), or where the peer is gone.
    /// </summary>
    public Connection? TryTakeOver<TSource>(RequestHead head, TSource source, TransportOpener<TSource> openTransport)
    {
        if (head.Status != RequestHeadStatus.Handshake || head.Length > MaxHeadBytes)
        {
            return null;
        }

        var request = head.ToRequest();
        var decision = policy.Decide(request);
        if (!decision.IsAccepted
            || !connections.TryOpen(decision.Session, decision.Rooms, out var connection, takesDeflate: decision.Extensions is not null))
        {
            return null;
        }

        if (openTransport(source, head.Length, _sendBufferBytes) is not { } transport)
        {
            connections.Remove(connection);
            return null;
        }

        Span<byte> response = stackalloc byte[HandshakeKey.ResponseLength(decision.Extensions)];
        HandshakeKey.WriteResponse(request.Key!, decision.Extensions, response);
        connection.Start(transport, response);
        metrics.HandshakeAccepted(connection.Rooms.Count);
        return connection;
    }
}
