namespace Push.Presence;

/// <summary>What changed on an Edge since its last batch: written in one round trip. Writing it twice does no harm.</summary>
public sealed class PresenceBatch
{
    /// <summary>New connections: opening one counts as a heartbeat of its session.</summary>
    public List<PresenceEntry> Opened { get; } = [];

    public List<PresenceEntry> Closed { get; } = [];

    /// <summary>The connections now in each room whose number changed.</summary>
    public Dictionary<string, int> Rooms { get; } = [];

    /// <summary>The connections now of each logged-in user whose number changed.</summary>
    public Dictionary<string, int> Users { get; } = [];

    /// <summary>Connections in it.</summary>
    public int Count => Opened.Count + Closed.Count;
}
