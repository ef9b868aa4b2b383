namespace Push.ServiceDefaults.Hosting;

/// <summary>Spreads the closes of a stopping process evenly over nine tenths of its time, so that others get a stream of clients instead of a storm.</summary>
public static class DrainPace
{
    /// <summary>How many of those that are <paramref name="open"/> are to be told now. The first one at once, the last one at nine tenths of the time: it can then still answer.</summary>
    public static int Due(int told, int open, TimeSpan elapsed, TimeSpan timeout)
    {
        var share = timeout > TimeSpan.Zero ? Math.Min(1, elapsed / (timeout * 0.9)) : 1;
        var total = told + open;
        return Math.Clamp((int)Math.Floor((total - 1) * share) + 1 - told, 0, open);
    }
}
