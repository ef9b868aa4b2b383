namespace Push.Edge.Listening;

/// <summary>One timer for all connections: handshakes that take too long are cut, peers that are gone are found.</summary>
internal sealed class ConnectionClock(HandshakeDeadlines deadlines, TimeProvider time) : BackgroundService
{
    public static TimeSpan Interval { get; } = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            deadlines.Sweep();
        }
    }
}
