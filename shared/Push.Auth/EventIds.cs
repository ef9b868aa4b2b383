namespace Push.Auth;

/// <summary>The event ids of this project's log messages: stable, so that alerts and searches can rely on them.</summary>
internal static class EventIds
{
    public const int OpenAccess = 400;

    public const int DevelopmentKey = 410;
}
