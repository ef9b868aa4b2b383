namespace Push.Edge;

/// <summary>The event ids of this project's log messages: stable, so that alerts and searches can rely on them.</summary>
internal static class EventIds
{
    public const int WriteFailed = 1000;
    public const int EndFailed = 1001;

    public const int LoopFailed = 1010;
    public const int LoopStalled = 1011;
    public const int FewFiles = 1012;

    public const int FanoutStalled = 1020;
    public const int PublicationFailed = 1021;
    public const int PublicationSetAside = 1022;

    public const int Draining = 1030;
    public const int Drained = 1031;
    public const int ReadFailed = 1032;
    public const int ConnectionNotAccepted = 1033;
    public const int ConnectionFailed = 1034;
    public const int ConnectionNotServed = 1035;

    public const int FallbackSwept = 1040;
    public const int PresenceLost = 1041;
    public const int PresenceRebuilt = 1042;
}
