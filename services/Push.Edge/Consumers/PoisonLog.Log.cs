namespace Push.Edge.Consumers;

internal sealed partial class PoisonLog
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Set aside a publication: {Reason} ({Bytes} bytes, beginning {Beginning}); {Unlogged} more since the last one shown")]
        public static partial void SetAside(ILogger logger, string reason, int bytes, string beginning, long unlogged);
    }
}
