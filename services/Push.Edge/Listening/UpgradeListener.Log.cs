using System.Net.Sockets;

namespace Push.Edge.Listening;

internal sealed partial class UpgradeListener
{
    [LoggerMessage(1, LogLevel.Warning, "A connection could not be accepted ({Error}); the next attempt follows in {Pause} ms.")]
    private static partial void LogNotAccepted(ILogger logger, SocketError error, double pause);

    [LoggerMessage(2, LogLevel.Error, "A new connection failed; it is cut.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
