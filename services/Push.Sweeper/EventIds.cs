namespace Push.Sweeper;

/// <summary>The event ids of this project's log messages: stable, so that alerts and searches can rely on them.</summary>
internal static class EventIds
{
    public const int Swept = 2000;
    public const int SweepFailed = 2001;
}
