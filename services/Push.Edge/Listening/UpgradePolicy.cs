using Microsoft.Extensions.Options;
using Push.Edge.Connections;
using Push.Edge.Fanout;
using Push.Auth.Access;
using Push.Auth.Tokens;

namespace Push.Edge.Listening;

/// <summary>Decides on upgrades of <c>/ws</c>, the same way for both ways in.</summary>
internal sealed class UpgradePolicy(
    TokenReader tokens,
    OriginRule origins,
    OpenAccess open,
    EdgeReadiness readiness,
    ConnectionRegistry connections,
    IOptions<EdgeOptions> options,
    IOptions<CompressionOptions> compression)
{
    public const string SupportedVersion = "13";

    private readonly EdgeOptions _options = options.Value;

    /// <summary>Whether <see cref="UpgradeRequest.Extensions"/> are looked at.</summary>
    public bool NegotiatesExtensions { get; } = compression.Value.Enabled;

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

        if (!open.Admits(request.Host, request.IsThroughNetworkGateway))
        {
            return open.IsDecided ? Refusal.ForeignHost : Refusal.NotReady;
        }

        if (!readiness.AcceptsConnections)
        {
            return readiness.IsDraining ? Refusal.Draining : Refusal.NotReady;
        }

        if (connections.Count >= _options.MaxConnections)
        {
            return Refusal.Full;
        }

        return origins.AllowsClient(request.Origin, request.Host) ? DecideOnQuery(request) : Refusal.ForeignOrigin;
    }

    private UpgradeDecision DecideOnQuery(in UpgradeRequest request)
    {
        var token = UpgradeQuery.Find(request.Query, UpgradeQuery.Token);
        if (string.IsNullOrEmpty(token))
        {
            return Refusal.MissingToken;
        }

        if (!tokens.TryRead(token, out var session))
        {
            return Refusal.BadToken;
        }

        return UpgradeQuery.TryReadRooms(UpgradeQuery.Find(request.Query, UpgradeQuery.RoomIds), _options.MaxRoomsPerConnection, out var rooms, out var malformed)
            ? UpgradeDecision.Accept(session, rooms, NegotiatesExtensions ? DeflateOffer.Answer(request.Extensions) : null)
            : Refusal.BadRoom(malformed);
    }
}
