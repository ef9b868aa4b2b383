namespace Push.Gateway;

/// <summary>The event ids of this project's log messages: stable, so that alerts and searches can rely on them.</summary>
internal static class EventIds
{
    public const int Draining = 3000;
    public const int Drained = 3001;
}
