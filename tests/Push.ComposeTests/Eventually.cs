namespace Push.ComposeTests;

/// <summary>For what gives no sign when it changes, as an engine's description of a container.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    public static async Task TrueAsync(TimeSpan timeout, string phase, Func<Task<bool>> condition, Func<Task<string>>? describe = null)
    {
        using var deadline = new CancellationTokenSource(timeout);
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (!await condition())
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Not within {timeout}: {phase}. {(describe is null ? "" : await describe())}");
        }
    }
}
