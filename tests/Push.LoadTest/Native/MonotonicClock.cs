using System.Diagnostics;

namespace Push.LoadTest.Native;

/// <summary>Nanoseconds of CLOCK_MONOTONIC: the same for every process of a machine, so that one may stamp and another subtract.</summary>
internal static class MonotonicClock
{
    public const long Second = 1_000_000_000;

    private const int Monotonic = 1;
    private const int Absolute = 1;

    /// <summary>On Linux a <see cref="Stopwatch"/> tick is a nanosecond of this clock.</summary>
    public static long Now => Stopwatch.GetTimestamp();

    /// <summary>Blocks the thread until <paramref name="time"/>, to some ten microseconds; timers of the runtime have a millisecond's grain.</summary>
    public static void SleepUntil(long time)
    {
        var until = new Libc.TimeSpec { Seconds = (nint)(time / Second), Nanoseconds = (nint)(time % Second) };
        while (Now < time && Libc.ClockSleep(Monotonic, Absolute, until, 0) != 0)
        {
            // Interrupted by a signal.
        }
    }

    public static double Seconds(long nanoseconds) => nanoseconds / (double)Second;
}
