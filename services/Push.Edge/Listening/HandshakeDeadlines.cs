using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Push.Edge.Telemetry;
using Push.Edge.Transports.WebSockets;

namespace Push.Edge.Listening;

/// <summary>
/// The connections whose request head is not complete, and until when each may take. A sweep over all of them takes the place of
/// a timer for each. Kestrel's own time limit starts only when a connection is handed back.
/// </summary>
internal sealed class HandshakeDeadlines(IOptions<EdgeOptions> options, EdgeMetrics metrics, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<object, long> _startedAt = new();
    private readonly TimeSpan _timeout = options.Value.HandshakeTimeout;

    /// <summary>At the deadline the pending read is cancelled.</summary>
    public void Start(PipeReader input) => _startedAt[input] = time.GetTimestamp();

    /// <summary>At the deadline the socket is disposed, which ends its pending receive.</summary>
    public void Start(Socket socket) => _startedAt[socket] = time.GetTimestamp();

    /// <summary>False where the deadline has passed.</summary>
    /// <param name="started">What was given to <c>Start</c>.</param>
    public bool TryStop(object started) => _startedAt.TryRemove(started, out _);

    /// <summary>Wakes those that have taken too long, and counts them. Whoever removes an entry decides how its handshake ends, so a finished one is never disturbed.</summary>
    public void Sweep()
    {
        foreach (var (started, at) in _startedAt)
        {
            if (time.GetElapsedTime(at) >= _timeout && TryEnd(started))
            {
                metrics.HandshakeRefused(Refusal.TimeoutReason);
            }
        }
    }

    /// <summary>Nobody sweeps any more.</summary>
    public void Dispose()
    {
        foreach (var (started, _) in _startedAt)
        {
            TryEnd(started);
        }
    }

    private bool TryEnd(object started)
    {
        if (!TryStop(started))
        {
            return false;
        }

        if (started is PipeReader input)
        {
            input.CancelPendingRead();
        }
        else
        {
            ((Socket)started).Dispose();
        }

        return true;
    }
}
