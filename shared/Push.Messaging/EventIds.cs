namespace Push.Messaging;

/// <summary>The event ids of this project's log messages: stable, so that alerts and searches can rely on them.</summary>
internal static class EventIds
{
    public const int BrokerConnected = 200;
    public const int BrokerLost = 201;
    public const int BrokerStillLost = 202;
    public const int StreamAttached = 203;
    public const int StreamBroken = 204;
    public const int RecordsMissed = 205;
    public const int StreamEnded = 206;
    public const int FirstEpochBegun = 207;
    public const int NextEpochBegun = 208;
    public const int Republishing = 209;
    public const int RepublishingGivenUp = 210;
}
