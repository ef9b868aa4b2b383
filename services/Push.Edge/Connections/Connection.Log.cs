namespace Push.Edge.Connections;

internal sealed partial class Connection
{
    [LoggerMessage(2001, LogLevel.Error, "Writing to connection {ConnectionId} failed; it is cut.")]
    private static partial void LogSinkFailed(ILogger logger, string connectionId, Exception exception);
}
