using Microsoft.Extensions.Options;
using Push.Presence;
using Push.Sweeper.Telemetry;

namespace Push.Sweeper;

/// <summary>The timer, and growing pauses beyond it while sweeps fail.</summary>
internal sealed partial class SweeperService(
    HeartbeatSweeper sweeper,
    IOptions<LivenessOptions> options,
    SweeperTelemetry telemetry,
    TimeProvider time,
    ILogger<SweeperService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        telemetry.Begin();
        var interval = options.Value.SweepInterval;
        var pause = new RetryPause(interval / 4, interval * 2);
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            using var activity = telemetry.StartSweep();
            var start = time.GetTimestamp();
            try
            {
                var count = await sweeper.SweepOnceAsync(stoppingToken);
                telemetry.Swept(activity, count, time.GetElapsedTime(start));
                pause.Reset();
                LogSwept(logger, count.Due, count.Expired, time.GetElapsedTime(start));
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was: everybody who is due stays on the list, and the next sweep tries again.
                telemetry.Failed(activity, e, time.GetElapsedTime(start));
                LogFailed(logger, e);
                await Task.Delay(pause.Next(), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(EventIds.Swept, LogLevel.Debug, "Swept: {Due} connections were due, {Expired} of them had fallen silent, in {Duration}.")]
    private static partial void LogSwept(ILogger logger, int due, int expired, TimeSpan duration);

    [LoggerMessage(EventIds.SweepFailed, LogLevel.Warning, "The sweep ended early. Nobody is closed for that; the next one goes on.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
