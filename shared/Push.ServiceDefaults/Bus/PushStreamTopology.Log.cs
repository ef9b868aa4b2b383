using Microsoft.Extensions.Logging;

namespace Push.ServiceDefaults.Bus;

public sealed partial class PushStreamTopology
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The stream begins epoch {Epoch}")]
        public static partial void Created(ILogger logger, string epoch);
    }
}
