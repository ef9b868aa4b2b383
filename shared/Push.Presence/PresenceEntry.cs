namespace Push.Presence;

/// <summary>A connection on an Edge's work list.</summary>
/// <param name="ConnectionId">Unique across Edges; holds no <c>|</c>.</param>
/// <param name="TokenId">The session whose heartbeats keep it.</param>
public readonly record struct PresenceEntry(string ConnectionId, string TokenId)
{
    private const char Separator = '|';

    /// <summary>Reads what <see cref="ToString"/> wrote; of anything else it makes a connection that nobody knows.</summary>
    internal static PresenceEntry Parse(string text) =>
        text.IndexOf(Separator, StringComparison.Ordinal) is var separator and >= 0
            ? new PresenceEntry(text[..separator], text[(separator + 1)..])
            : new PresenceEntry(text, "");

    public override string ToString() => $"{ConnectionId}{Separator}{TokenId}";
}
