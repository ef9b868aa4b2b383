using Microsoft.Extensions.Options;
using Push.Presence;
using Push.Sweeper.Telemetry;

namespace Push.Sweeper;

/// <summary>The timer alone.</summary>
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
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            using var activity = telemetry.StartSweep();
            var start = time.GetTimestamp();
            try
            {
                var count = await sweeper.SweepOnceAsync(stoppingToken);
                telemetry.Swept(activity, count, time.GetElapsedTime(start));
                LogSwept(logger, count.Due, count.Expired, time.GetElapsedTime(start));
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was: everybody who is due stays on the list, and the next sweep tries again.
                telemetry.Failed(activity, e, time.GetElapsedTime(start));
                LogFailed(logger, e);
            }
        }
    }
}
