using System.Diagnostics.CodeAnalysis;
using Push.Edge.Connections;
using Push.Edge.Telemetry;

namespace Push.Edge.Listening;

/// <summary>The way from a handshake that was read below HTTP to a live connection. What it does not admit is ASP.NET Core's to answer.</summary>
internal sealed class UpgradeAdmission(UpgradePolicy policy, ConnectionRegistry connections, EdgeMetrics metrics)
{
    /// <summary>A head to read a request into.</summary>
    public RequestHead CreateHead() => new(keepsExtensions: policy.NegotiatesExtensions);

    /// <summary>Decides, and opens the connection: it is in its rooms from here on, and in the registry until its owner removes it.</summary>
    public bool TryAdmit(in UpgradeRequest request, [NotNullWhen(true)] out Connection? connection, out string? extensions)
    {
        var decision = policy.Decide(request);
        connection = null;
        extensions = decision.Extensions;
        return decision.IsAccepted && connections.TryOpen(decision.Session, decision.Rooms, out connection, takesDeflate: extensions is not null);
    }

    /// <summary>Answers the request through <paramref name="sink"/>; the connection is live then.</summary>
    public void Start(Connection connection, IConnectionSink sink, in UpgradeRequest request, string? extensions)
    {
        Span<byte> response = stackalloc byte[UpgradeKey.ResponseLength(extensions)];
        UpgradeKey.WriteResponse(request.Key!, extensions, response);
        connection.Start(sink, response);
        metrics.HandshakeAccepted(connection.Rooms.Count);
    }
}
