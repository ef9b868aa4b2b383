using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Push.Presence;

/// <summary>The timer behind <see cref="PresenceStore.PulseAsync"/>, and the log's word on whether the store is there.</summary>
internal sealed partial class StorePulse(PresenceStore store, TimeProvider time, ILogger<StorePulse> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(store.PulseInterval, time);
        long? awaySince = null;
        do
        {
            try
            {
                await store.PulseAsync(stoppingToken);
                if (awaySince is { } since)
                {
                    LogBack(logger, time.GetElapsedTime(since));
                    awaySince = null;
                }
            }
            catch (PresenceUnavailableException e)
            {
                if (awaySince is null)
                {
                    awaySince = time.GetTimestamp();
                    LogAway(logger, e);
                }
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(EventIds.StoreAway, LogLevel.Warning, "The presence store does not answer. Heartbeats are refused with 503 meanwhile; nobody is closed.")]
    private static partial void LogAway(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.StoreBack, LogLevel.Information, "The presence store is back after {Duration}. Nobody is closed for one heartbeat time-out.")]
    private static partial void LogBack(ILogger logger, TimeSpan duration);
}
