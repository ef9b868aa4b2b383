using System.Collections.Concurrent;
using System.IO.Pipelines;
using Microsoft.Extensions.Options;

namespace Push.Edge.Listening;

/// <summary>
/// The connections whose request head is not complete, and until when each may take. A sweep over all of them takes the place of
/// a timer for each. Kestrel's own time limit starts only when a connection is handed back.
/// </summary>
internal sealed class HandshakeDeadlines(IOptions<EdgeOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<PipeReader, long> _startedAt = new();
    private readonly TimeSpan _timeout = options.Value.HandshakeTimeout;

    public void Start(PipeReader input) => _startedAt[input] = time.GetTimestamp();

    /// <summary>False where the deadline has passed.</summary>
    public bool TryStop(PipeReader input) => _startedAt.TryRemove(input, out _);

    /// <summary>Wakes those that have taken too long. Whoever removes an entry decides how its handshake ends, so a finished one is never disturbed.</summary>
    public void Sweep()
    {
        foreach (var (input, startedAt) in _startedAt)
        {
            if (time.GetElapsedTime(startedAt) >= _timeout && _startedAt.TryRemove(input, out _))
            {
                input.CancelPendingRead();
            }
        }
    }
}
