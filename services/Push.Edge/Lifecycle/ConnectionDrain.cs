using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.Edge.Connections;
using Push.Edge.Fanout;
using Push.ServiceDefaults.Hosting;

namespace Push.Edge.Lifecycle;

/// <summary>
/// Empties a stopping Edge while its listener still answers: no longer ready, no new connections, the others sent away one after another, evenly
/// over nine tenths of the drain's time however few they are, then a deadline, then abort. Kestrel, which stops after it, then finds nothing to cut.
/// </summary>
internal sealed partial class ConnectionDrain(
    ConnectionRegistry connections,
    EventLoops loops,
    EdgeReadiness readiness,
    IOptions<EdgeOptions> options,
    TimeProvider time,
    ILogger<ConnectionDrain> logger) : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        readiness.BeginDrain();
        var startedAt = time.GetTimestamp();
        var timeout = options.Value.DrainTimeout;

        // A loop closes what it was told to a moment later.
        var told = new HashSet<Connection>();
        LogDraining(connections.Count);

        await DrainPace.TellAllAsync(
            () => connections.Connections,
            connection => connection.CloseReason is not null || told.Contains(connection),
            connection =>
            {
                told.Add(connection);
                loops.Close(connection, CloseReason.Draining);
            },
            timeout,
            time,
            cancellationToken);

        LogDrained(connections.Count, time.GetElapsedTime(startedAt));
        foreach (var connection in connections.Connections)
        {
            loops.Close(connection, CloseReason.Draining);
            loops.Abort(connection);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventIds.Draining, LogLevel.Information, "Draining {Count} connections")]
    private partial void LogDraining(int count);

    [LoggerMessage(EventIds.Drained, LogLevel.Information, "Drained in {Elapsed}; {Remaining} connections are cut")]
    private partial void LogDrained(int remaining, TimeSpan elapsed);
}
