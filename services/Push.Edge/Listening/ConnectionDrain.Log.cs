namespace Push.Edge.Listening;

internal sealed partial class ConnectionDrain
{
    [LoggerMessage(200, LogLevel.Information, "Draining {Count} connections")]
    private partial void LogDraining(int count);

    [LoggerMessage(201, LogLevel.Information, "Drained in {Elapsed}; {Remaining} connections are cut")]
    private partial void LogDrained(int remaining, TimeSpan elapsed);
}
