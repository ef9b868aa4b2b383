namespace Push.ServiceDefaults.Hosting;

/// <summary>Spreads the closes of a stopping process evenly over nine tenths of its time, so that others get a stream of clients instead of a storm.</summary>
public static class DrainPace
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    /// <summary>Tells them one after another, until all are gone, the time is over, or the host waits no longer.</summary>
    /// <param name="connections">Those that are still there, told or not. It is asked again and again: they come late and leave early.</param>
    /// <param name="isTold">Whether one has been told to leave.</param>
    /// <param name="tell">Tells one.</param>
    /// <param name="timeout">The drain's whole time.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancelled when the host waits no longer. That is no error.</param>
    public static async Task TellAllAsync<T>(
        Func<IEnumerable<T>> connections,
        Func<T, bool> isTold,
        Action<T> tell,
        TimeSpan timeout,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        var told = 0;
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            for (var elapsed = TimeSpan.Zero; elapsed < timeout && connections().Any(); elapsed = time.GetElapsedTime(startedAt))
            {
                var open = connections().Where(connection => !isTold(connection)).ToArray();
                foreach (var connection in open.AsSpan(0, Due(told, open.Length, elapsed, timeout)))
                {
                    tell(connection);
                    told++;
                }

                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The host waits no longer.
        }
    }

    /// <summary>How many of those that are <paramref name="open"/> are to be told now. The first one at once, the last one at nine tenths of the time: it can then still answer.</summary>
    internal static int Due(int told, int open, TimeSpan elapsed, TimeSpan timeout)
    {
        var share = timeout > TimeSpan.Zero ? Math.Min(1, elapsed / (timeout * 0.9)) : 1;
        var total = told + open;
        return Math.Clamp((int)Math.Floor((total - 1) * share) + 1 - told, 0, open);
    }
}
