namespace Push.Edge.Fanout;

internal sealed partial class ShardWorker
{
    [LoggerMessage(2101, LogLevel.Critical, "{Worker} failed: the process ends.")]
    private partial void LogWorkerFailed(string? worker, Exception exception);
}
