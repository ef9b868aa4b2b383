namespace Push.Presence;

/// <summary>
/// What changed on an Edge since its last batch. It holds how things are now, not differences, so its commands may be sent in any
/// order and any number of times: after a failure, those that failed are sent again, and they alone.
/// </summary>
public sealed class PresenceBatch
{
    /// <summary>Its place among the batches of its Edge's generation: the store keeps the highest one, and shows with it that it has lost nothing.</summary>
    public long Number { get; init; }

    /// <summary>New connections: opening one counts as a heartbeat of its session.</summary>
    public List<PresenceEntry> Opened { get; } = [];

    /// <summary>Connections that are registered anew. They get a fresh deadline, by which their sessions have to send a heartbeat as ever.</summary>
    public List<PresenceEntry> Kept { get; } = [];

    public List<PresenceEntry> Closed { get; } = [];

    /// <summary>The connections now in each room whose number changed.</summary>
    public Dictionary<string, int> Rooms { get; } = [];

    /// <summary>The connections now of each logged-in user whose number changed.</summary>
    public Dictionary<string, int> Users { get; } = [];

    /// <summary>Connections in it.</summary>
    public int Count => Opened.Count + Kept.Count + Closed.Count;

    /// <summary>The commands that the store has taken.</summary>
    internal HashSet<string> Written { get; } = [];

    /// <summary>The store's time in milliseconds, and when this process was told so; null before.</summary>
    internal (long Milliseconds, long ToldAt)? Time { get; set; }
}
