using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Push.Auth.Access;
using Push.Auth.Tokens;
using Push.Edge.Transports.WebSockets;

namespace Push.Edge.Connections;

/// <summary>Decides on upgrades of <c>/ws</c>, the same way for every way in.</summary>
internal sealed class HandshakePolicy(
    TokenReader tokens,
    OriginRule origins,
    OpenAccess open,
    EdgeReadiness readiness,
    ConnectionRegistry connections,
    IOptions<EdgeOptions> options,
    IOptions<CompressionOptions> compression)
{
    private readonly EdgeOptions _options = options.Value;

    /// <summary>Whether <see cref="HandshakeRequest.Extensions"/> are looked at.</summary>
    public bool NegotiatesExtensions { get; } = compression.Value.Enabled;

    /// <summary>Looks at the handshake first, then at this Edge, at last at what costs: a storm that can't be served must be cheap to refuse.</summary>
    public HandshakeDecision Decide(in HandshakeRequest request)
    {
        if (!request.IsUpgrade)
        {
            return Refusal.NotAHandshake;
        }

        if (request.Version != HandshakeRequest.SupportedVersion)
        {
            return Refusal.UnsupportedVersion;
        }

        if (!HandshakeKey.IsValid(request.Key))
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

        if (connections.IsFull)
        {
            return Refusal.Full;
        }

        return origins.AllowsClient(request.Origin, request.Host) ? DecideOnQuery(request) : Refusal.ForeignOrigin;
    }

    /// <summary>Why an accepted handshake can't be served after all.</summary>
    public Refusal WhyNotNow() => readiness.IsDraining ? Refusal.Draining : Refusal.Full;

    private HandshakeDecision DecideOnQuery(in HandshakeRequest request)
    {
        if (!HandshakeQuery.TryFind(request.Query, HandshakeQuery.Token, out var token) || token.IsEmpty)
        {
            return Refusal.MissingToken;
        }

        if (!tokens.TryRead(token, out var session))
        {
            return Refusal.BadToken;
        }

        _ = HandshakeQuery.TryFind(request.Query, HandshakeQuery.RoomIds, out var roomIds);
        return HandshakeQuery.TryReadRooms(roomIds, _options.MaxRoomsPerConnection, out var rooms, out var malformed)
            ? HandshakeDecision.Accept(session, rooms, NegotiatesExtensions ? DeflateOffer.Answer(request.Extensions) : null)
            : Refusal.BadRoom(malformed);
    }
}

/// <summary>Whether a request becomes a connection: of which session in which rooms, or why not.</summary>
internal readonly record struct HandshakeDecision
{
    private HandshakeDecision(SessionToken? session, string[] rooms, string? extensions, Refusal? refusal)
    {
        Session = session;
        Rooms = rooms;
        Extensions = extensions;
        Refusal = refusal;
    }

    public SessionToken? Session { get; }

    public string[] Rooms { get; }

    /// <summary>The response's <c>Sec-WebSocket-Extensions</c>; null where nothing has been negotiated. There is one extension: permessage-deflate.</summary>
    public string? Extensions { get; }

    public FrameForm Form => Extensions is null ? FrameForm.Plain : FrameForm.Deflated;

    public Refusal? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Session))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsAccepted => Session is not null;

    public static HandshakeDecision Accept(SessionToken session, string[] rooms, string? extensions) => new(session, rooms, extensions, null);

    public static implicit operator HandshakeDecision(Refusal refusal) => new(null, [], null, refusal);
}
