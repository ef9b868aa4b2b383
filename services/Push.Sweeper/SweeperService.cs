using Microsoft.Extensions.Options;
using Push.Presence;

namespace Push.Sweeper;

/// <summary>The timer alone.</summary>
internal sealed partial class SweeperService(
    HeartbeatSweeper sweeper, IOptions<LivenessOptions> options, TimeProvider time, ILogger<SweeperService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var start = time.GetTimestamp();
                var count = await sweeper.SweepOnceAsync(stoppingToken);
                LogSwept(logger, count.Due, count.Expired, time.GetElapsedTime(start));
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was: everybody who is due stays on the list, and the next sweep tries again.
                LogFailed(logger, e);
            }
        }
    }
}
