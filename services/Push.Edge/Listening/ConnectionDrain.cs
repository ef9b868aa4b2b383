using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.Edge.Connections;

namespace Push.Edge.Listening;

/// <summary>
/// Empties a stopping Edge while its listener still answers: no longer ready, no new connections, the others sent away at a pace that spreads their
/// reconnects, then a deadline, then abort. Kestrel, which stops after it, then finds nothing to cut.
/// </summary>
internal sealed partial class ConnectionDrain(
    ConnectionRegistry connections,
    EdgeReadiness readiness,
    IOptions<EdgeOptions> options,
    TimeProvider time,
    ILogger<ConnectionDrain> logger) : IHostedLifecycleService
{
    /// <summary>Closes at once, whatever the pace: few connections need no spreading.</summary>
    internal const int MinStep = 100;

    internal static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        readiness.BeginDrain();
        var startedAt = time.GetTimestamp();
        var timeout = options.Value.DrainTimeout;
        var leaving = connections.Connections.ToArray();
        LogDraining(leaving.Length);

        var step = StepFor(leaving.Length, timeout);
        using var timer = new PeriodicTimer(Tick, time);
        for (var next = 0; time.GetElapsedTime(startedAt) < timeout && (next < leaving.Length || connections.Count > 0); next += step)
        {
            foreach (var connection in leaving.AsSpan(Math.Min(next, leaving.Length), Math.Clamp(leaving.Length - next, 0, step)))
            {
                connection.Close(CloseReason.Draining);
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }

        LogDrained(connections.Count, time.GetElapsedTime(startedAt));
        foreach (var connection in connections.Connections)
        {
            connection.Abort();
        }
    }

    /// <summary>How many to close every <see cref="Tick"/>: all within nine tenths of the time, so that the last ones can answer.</summary>
    internal static int StepFor(int connections, TimeSpan timeout) => Math.Max(MinStep, (int)Math.Ceiling(connections / Math.Max(1, timeout / Tick * 0.9)));

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
