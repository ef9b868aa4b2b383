namespace Push.Edge.Liveness;

internal sealed partial class PresenceWriter
{
    [LoggerMessage(1, LogLevel.Warning, "The presence store has lost what this Edge wrote, or more came and left than could be noted. Every connection stays, and is registered anew.")]
    private static partial void LogLost(ILogger logger);

    [LoggerMessage(2, LogLevel.Information, "Registered {Connections} connections anew with the presence store, each with a fresh deadline.")]
    private static partial void LogRebuilt(ILogger logger, int connections);
}
