namespace Push.Edge.Listening;

internal sealed partial class ConnectionReader
{
    [LoggerMessage(1, LogLevel.Error, "Reading from connection {ConnectionId} failed; it is cut.")]
    private static partial void LogFailed(ILogger logger, string connectionId, Exception exception);
}
