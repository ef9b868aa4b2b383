namespace Push.Presence;

/// <summary>The event ids of this project's log messages: stable, so that alerts and searches can rely on them.</summary>
internal static class EventIds
{
    public const int StoreAway = 300;
    public const int StoreBack = 301;
}
