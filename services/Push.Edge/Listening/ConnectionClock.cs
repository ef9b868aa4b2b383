using Push.Edge.Lifecycle;

namespace Push.Edge.Listening;

/// <summary>One timer for all connections: handshakes that take too long are cut, peers that are gone are found.</summary>
internal sealed class ConnectionClock(HandshakeDeadlines deadlines, PeerPings pings, TimeProvider time) : BackgroundService
{
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            deadlines.Sweep();
            pings.Step();
        }
    }
}
