namespace Push.Edge.Connections;

internal sealed partial class Connection
{
    [LoggerMessage(2001, LogLevel.Error, "Writing to connection {ConnectionId} failed; it is cut.")]
    private static partial void LogSinkFailed(ILogger logger, string connectionId, Exception exception);

    [LoggerMessage(2002, LogLevel.Error, "Ending connection {ConnectionId} failed.")]
    private static partial void LogEndFailed(ILogger logger, string connectionId, Exception exception);
}
