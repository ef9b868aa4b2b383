using System.Diagnostics.CodeAnalysis;
using Push.Auth.Tokens;

namespace Push.Edge.Listening;

/// <summary>Whether a request becomes a connection: of which session in which rooms, or why not.</summary>
internal readonly record struct UpgradeDecision
{
    private UpgradeDecision(SessionToken? session, string[] rooms, string? extensions, Refusal? refusal)
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

    public Refusal? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Session))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsAccepted => Session is not null;

    public static UpgradeDecision Accept(SessionToken session, string[] rooms, string? extensions) => new(session, rooms, extensions, null);

    public static implicit operator UpgradeDecision(Refusal refusal) => new(null, [], null, refusal);
}
