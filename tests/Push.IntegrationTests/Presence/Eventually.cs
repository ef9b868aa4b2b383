using System.Diagnostics;

namespace Push.IntegrationTests.Presence;

/// <summary>Waits for a state of the store, which says nothing by itself when it changes.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <param name="phase">What is waited for: the message of a failure.</param>
    /// <param name="deadline">From now on.</param>
    /// <param name="condition">Asked again and again.</param>
    public static async Task IsTrueAsync(string phase, TimeSpan deadline, Func<Task<bool>> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Xunit.Assert.True(watch.Elapsed < deadline, $"Not within {deadline}: {phase}.");
            await Task.Delay(Interval);
        }
    }
}
