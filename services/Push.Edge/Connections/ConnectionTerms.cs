using Push.Edge.Telemetry;

namespace Push.Edge.Connections;

/// <summary>
/// What the connections of one loop share: their bounds, and the lists by which a connection tells its loop what has become of it. The loop empties the
/// lists between two pieces of work, so that a connection may end while a room's members are being walked.
/// </summary>
internal sealed class ConnectionTerms(EdgeOptions options, TimeProvider time, EdgeMetrics metrics, ILogger logger)
{
    /// <summary>How long a peer may take to answer a close frame. Closing the socket earlier could reset it and overtake the frame.</summary>
    public static readonly TimeSpan LingerTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>More of a loop at once do not wait for an answer: whoever provokes errors must not pile up sockets.</summary>
    public const int MaxLingering = 1000;

    private long _queuedBytes;

    /// <summary>What may wait for a connection; the bytes that reach it are still taken.</summary>
    public int SendQueueBytes { get; } = options.SendQueueBytes;

    public int MaxClientMessageBytes { get; } = options.MaxClientMessageBytes;

    public TimeProvider Time => time;

    public EdgeMetrics Metrics => metrics;

    public ILogger Logger => logger;

    /// <summary>Connections that wait for their peer's close frame.</summary>
    public int Lingering { get; set; }

    /// <summary>Bytes that wait for clients to read, with what their entries cost. Written by the loop, read by gauges.</summary>
    public long QueuedBytes
    {
        get => Volatile.Read(ref _queuedBytes);
        set => Volatile.Write(ref _queuedBytes, value);
    }

    /// <summary>They have read everything that waited for them: their replay goes on.</summary>
    public Queue<Connection> Flushed { get; } = new();

    /// <summary>They take no more messages: to leave their rooms.</summary>
    public Queue<Connection> Closing { get; } = new();

    /// <summary>Nothing more is written to them: to be forgotten, and their transports to be ended.</summary>
    public Queue<Connection> Ended { get; } = new();

    /// <summary>Connections whose close frame waits to be read, with the timestamp at which they are cut. Earliest first, since all wait equally long.</summary>
    public Queue<(Connection Connection, long DueAt)> FlushDeadlines { get; } = new();

    /// <summary>Connections whose close frame is out, with the timestamp at which they are not waited for any longer. Earliest first.</summary>
    public Queue<(Connection Connection, long DueAt)> LingerDeadlines { get; } = new();

    public long After(TimeSpan delay) => time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);
}
