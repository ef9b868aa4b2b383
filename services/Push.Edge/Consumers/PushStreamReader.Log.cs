namespace Push.Edge.Consumers;

internal sealed partial class PushStreamReader
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Attached to the stream in epoch {Epoch} at {Start}; publications are delivered from offset {LiveFrom}")]
        public static partial void Attached(ILogger logger, string epoch, object start, long liveFrom);

        [LoggerMessage(2, LogLevel.Warning, "The stream was made anew: epoch {Epoch} follows {Previous}; reading it from its beginning")]
        public static partial void NewEpoch(ILogger logger, string epoch, string previous);

        [LoggerMessage(3, LogLevel.Error, "The stream has lost its end: it holds offsets up to {Tail}, and {Read} was read already; beginning a new epoch")]
        public static partial void RanBackwards(ILogger logger, long tail, long read);

        [LoggerMessage(4, LogLevel.Error, "Offsets {From} to {To} are missed: the stream no longer holds them")]
        public static partial void Missed(ILogger logger, long from, long to);

        [LoggerMessage(5, LogLevel.Error, "The publication at offset {Offset} could not be handled")]
        public static partial void Failed(ILogger logger, Exception exception, long offset);

        [LoggerMessage(6, LogLevel.Warning, "The broker ended the reading of the stream: attaching again")]
        public static partial void Ended(ILogger logger);

        [LoggerMessage(7, LogLevel.Critical, "The fan-out stands still: stopping this Edge")]
        public static partial void FanoutStalled(ILogger logger, Exception exception);
    }
}
