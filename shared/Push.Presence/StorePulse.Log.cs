using Microsoft.Extensions.Logging;

namespace Push.Presence;

internal sealed partial class StorePulse
{
    [LoggerMessage(1, LogLevel.Warning, "The presence store does not answer. Heartbeats are refused with 503 meanwhile; nobody is closed.")]
    private static partial void LogAway(ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Information, "The presence store is back after {Duration}. Nobody is closed for one heartbeat time-out.")]
    private static partial void LogBack(ILogger logger, TimeSpan duration);
}
