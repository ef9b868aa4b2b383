using System.Diagnostics.CodeAnalysis;
using Push.Tokens;

namespace Push.Edge.Listening;

/// <summary>Whether a request becomes a connection: of which session in which rooms, or why not.</summary>
internal readonly record struct UpgradeDecision
{
    private UpgradeDecision(SessionToken? session, string[] rooms, Refusal? refusal)
    {
        Session = session;
        Rooms = rooms;
        Refusal = refusal;
    }

    public SessionToken? Session { get; }

    public string[] Rooms { get; }

    public Refusal? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Session))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsAccepted => Session is not null;

    public static UpgradeDecision Accept(SessionToken session, string[] rooms) => new(session, rooms, null);

    public static implicit operator UpgradeDecision(Refusal refusal) => new(null, [], refusal);
}
