using Push.Presence;

namespace Push.Edge.Liveness;

/// <summary>The timer behind <see cref="PresenceWriter"/>, and the end: a stopped Edge leaves nothing behind.</summary>
internal sealed class PresenceWriterService(PresenceWriter writer, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan StepInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var deadline = new CancellationTokenSource(CloseTimeout, time);
        try
        {
            await writer.CloseAsync(deadline.Token);
        }
        catch (Exception e) when (e is PresenceUnavailableException or OperationCanceledException)
        {
            // It runs out by itself.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(StepInterval, time);
        do
        {
            try
            {
                await writer.StepAsync(stoppingToken);
            }
            catch (PresenceUnavailableException)
            {
                // The store's pulse has logged it, and the writer has seen the failure counted.
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
