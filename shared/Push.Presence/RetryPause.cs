namespace Push.Presence;

/// <summary>Pauses after failures: each twice as long as the one before, up to a limit, and each shortened at random so that processes that failed together do not come back together.</summary>
/// <param name="first">Before the random part, which takes up to a half.</param>
/// <param name="longest">The limit.</param>
public sealed class RetryPause(TimeSpan first, TimeSpan longest)
{
    private const int MaxDoublings = 30;

    private int _failures;

    public TimeSpan Next()
    {
        var pause = first * Math.Pow(2, Math.Min(_failures++, MaxDoublings));
        return (pause < longest ? pause : longest) * (0.5 + (Random.Shared.NextDouble() / 2));
    }

    public void Reset() => _failures = 0;
}
