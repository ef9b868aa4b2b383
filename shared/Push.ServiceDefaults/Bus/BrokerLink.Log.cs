using Microsoft.Extensions.Logging;

namespace Push.ServiceDefaults.Bus;

public sealed partial class BrokerLink
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Link} is connected to {Broker}; the stream's epoch is {Epoch}")]
        public static partial void Connected(ILogger logger, string link, BrokerAddress broker, string epoch);

        [LoggerMessage(2, LogLevel.Warning, "{Link} has no connection to {Broker}: trying again")]
        public static partial void Lost(ILogger logger, Exception exception, string link, BrokerAddress broker);

        [LoggerMessage(3, LogLevel.Debug, "{Link} still has no connection to {Broker}: {Reason}")]
        public static partial void StillLost(ILogger logger, string link, BrokerAddress broker, string reason);
    }
}
