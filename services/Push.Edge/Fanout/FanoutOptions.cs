using System.ComponentModel.DataAnnotations;

namespace Push.Edge.Fanout;

/// <summary>How an Edge spreads publications over its connections. Section <c>Edge</c>.</summary>
internal sealed class FanoutOptions
{
    public const string Section = "Edge";

    /// <summary>Event loops, each a thread with its share of the connections; 0: one for two processors, since the kernel's part of receiving, the
    /// stream's reading and TLS need the others. 0 to 64. Default: 0.</summary>
    [Range(0, SubscriberIndex.MaxLoops)]
    public int Loops { get; set; }

    /// <summary>
    /// How long at most a room that receives several publications at a time coalesces them before it sends them together: as long as sending took last
    /// time, within 1 ms and this. An idle room sends at once. Longer costs latency and saves processor time. 0 (never) to 50 ms, in whole milliseconds.
    /// Default: 8 ms.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:00.050")]
    public TimeSpan CoalesceWindow { get; set; } = TimeSpan.FromMilliseconds(8);

    /// <summary>
    /// What a loop holds of publications that it has not handed over yet, in bytes. Beyond it the stream's reader waits, so that a burst stays on the
    /// broker instead of in memory. 64 KiB to 1 GiB. Default: 8 MiB.
    /// </summary>
    [Range(64 * 1024, 1024 * 1024 * 1024)]
    public int BacklogBytes { get; set; } = 8 * 1024 * 1024;

    internal int LoopCount => Loops == 0 ? Math.Max(1, Environment.ProcessorCount / 2) : Loops;
}
