using Microsoft.Extensions.Options;
using Push.Edge.Connections;
using Push.ServiceDefaults.Access;
using Push.Tokens;

namespace Push.Edge.Listening;

/// <summary>Decides on upgrades of <c>/ws</c>, the same way for both ways in.</summary>
internal sealed class UpgradePolicy(
    TokenReader tokens,
    OriginRule origins,
    EdgeReadiness readiness,
    ConnectionRegistry connections,
    IOptions<EdgeOptions> options)
{
    public const string SupportedVersion = "13";

    private readonly EdgeOptions _options = options.Value;

    /// <summary>Looks at the handshake first, then at this Edge, at last at what costs: a storm that can't be served must be cheap to refuse.</summary>
    public UpgradeDecision Decide(in UpgradeRequest request)
    {
        if (!request.IsUpgrade)
        {
            return Refusal.NotAHandshake;
        }

        if (request.Version != SupportedVersion)
        {
            return Refusal.UnsupportedVersion;
        }

        if (!UpgradeKey.IsValid(request.Key))
        {
            return Refusal.NotAHandshake;
        }

        if (!readiness.AcceptsConnections)
        {
            return readiness.IsDraining ? Refusal.Draining : Refusal.NotReady;
        }

        if (connections.Count >= _options.MaxConnections)
        {
            return Refusal.Full;
        }

        return origins.AllowsClient(request.Origin, request.Host) ? DecideOnQuery(request.Query) : Refusal.ForeignOrigin;
    }

    private UpgradeDecision DecideOnQuery(string query)
    {
        var token = UpgradeQuery.Find(query, UpgradeQuery.Token);
        if (string.IsNullOrEmpty(token))
        {
            return Refusal.MissingToken;
        }

        if (!tokens.TryRead(token, out var session))
        {
            return Refusal.BadToken;
        }

        return UpgradeQuery.TryReadRooms(UpgradeQuery.Find(query, UpgradeQuery.RoomIds), _options.MaxRoomsPerConnection, out var rooms, out var malformed)
            ? UpgradeDecision.Accept(session, rooms)
            : Refusal.BadRoom(malformed);
    }
}
