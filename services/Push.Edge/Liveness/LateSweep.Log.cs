namespace Push.Edge.Liveness;

internal sealed partial class LateSweep
{
    [LoggerMessage(1, LogLevel.Warning, "No sweeper has come by for two intervals, so this Edge swept its own connections: {Expired} had fallen silent.")]
    private static partial void LogSwept(ILogger logger, int expired);
}
