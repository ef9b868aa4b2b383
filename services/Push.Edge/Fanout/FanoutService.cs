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

/// <summary>The thread that serves one shard. It owns all sends to the shard's connections except drains and control frames.</summary>
internal sealed partial class ShardWorker
{
    private readonly FanoutShard _shard;
    private readonly EdgeMetrics _metrics;
    private readonly DeliveryTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger<ShardWorker> _logger;
    private readonly Thread _thread;

    public ShardWorker(FanoutShard shard, int number, EdgeMetrics metrics, DeliveryTelemetry telemetry, TimeProvider time, ILogger<ShardWorker> logger)
    {
        _shard = shard;
        _metrics = metrics;
        _telemetry = telemetry;
        _time = time;
        _logger = logger;
        _thread = new Thread(Run) { IsBackground = true, Name = $"fan-out {number}" };
    }

    public void Start() => _thread.Start();

    /// <summary>Lets the turn in progress end, then the thread; false where that takes longer than <paramref name="deadline"/>.</summary>
    public bool Stop(TimeSpan deadline)
    {
        _shard.Stop();
        return _thread.Join(deadline);
    }

    // A connection's failure is caught in Connection.Send and costs that connection. Anything else means that the schedule
    // itself is broken; a shard without its worker would hold its clients and send them nothing, so the exception ends the process.
    private void Run()
    {
        try
        {
            while (_shard.WaitForTurn(out var turn))
            {
                var beganAt = _time.GetTimestamp();
                var tally = turn.Run();
                _metrics.FramesHandedOver(tally);
                _telemetry.HandedOver(tally, beganAt);
                _shard.EndTurn(turn);
            }
        }
        catch (Exception e)
        {
            LogWorkerFailed(_thread.Name, e);
            throw;
        }
    }

    [LoggerMessage(EventIds.WorkerFailed, LogLevel.Critical, "{Worker} failed: the process ends.")]
    private partial void LogWorkerFailed(string? worker, Exception exception);
}
