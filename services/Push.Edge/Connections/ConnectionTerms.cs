using Microsoft.Extensions.Options;
using Push.Edge.Fanout;
using Push.Edge.Telemetry;

namespace Push.Edge.Connections;

/// <summary>What holds for every connection of this Edge, in one reference instead of several a connection.</summary>
internal sealed class ConnectionTerms(IOptions<EdgeOptions> options, BatchPool pool, TimeProvider time, EdgeMetrics metrics, ILogger<Connection> logger)
{
    /// <summary>How long a peer may take to answer a close frame. Closing the socket earlier could reset it and overtake the frame.</summary>
    public static readonly TimeSpan LingerTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>More at once do not wait for an answer: whoever provokes errors must not pile up sockets.</summary>
    public const int MaxLingering = 1000;

    private int _lingering;

    /// <summary>What may wait for a connection; the batch that reaches it is still taken.</summary>
    public int SendQueueBytes { get; } = options.Value.SendQueueBytes;

    public BatchPool Pool => pool;

    public TimeProvider Time => time;

    public EdgeMetrics Metrics => metrics;

    public ILogger Logger => logger;

    public bool TryBeginLinger()
    {
        if (Interlocked.Increment(ref _lingering) <= MaxLingering)
        {
            return true;
        }

        EndLinger();
        return false;
    }

    public void EndLinger() => Interlocked.Decrement(ref _lingering);
}
