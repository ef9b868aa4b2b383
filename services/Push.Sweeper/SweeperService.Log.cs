namespace Push.Sweeper;

internal sealed partial class SweeperService
{
    [LoggerMessage(1, LogLevel.Debug, "Swept: {Due} connections were due, {Expired} of them had fallen silent, in {Duration}.")]
    private static partial void LogSwept(ILogger logger, int due, int expired, TimeSpan duration);

    [LoggerMessage(2, LogLevel.Warning, "The sweep ended early. Nobody is closed for that; the next one goes on.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
