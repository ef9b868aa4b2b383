using Push.Edge.Telemetry;

namespace Push.Edge.Fanout;

/// <summary>Runs a worker for each shard while the host runs.</summary>
internal sealed class FanoutService(
    FanoutShards shards,
    EdgeMetrics metrics,
    DeliveryTelemetry telemetry,
    TimeProvider time,
    ILogger<ShardWorker> logger) : IHostedService
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private ShardWorker[] _workers = [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _workers = [.. shards.All.ToArray().Select((shard, number) => new ShardWorker(shard, number, metrics, telemetry, time, logger))];
        foreach (var worker in _workers)
        {
            worker.Start();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var worker in _workers)
        {
            if (!worker.Stop(StopTimeout))
            {
                throw new TimeoutException("A fan-out worker has not ended its turn.");
            }
        }

        return Task.CompletedTask;
    }
}
