using System.Globalization;
using Push.Contracts;

namespace Push.Edge.Consumers;

/// <summary>Where a reader is in the stream, and where it attaches next. Written by one thread at a time.</summary>
internal sealed class StreamCursor(TimeSpan window)
{
    private const long Unknown = -1;

    // What the broker writes between publications when a segment is full, its record of readers' offsets, takes an offset too and is never delivered
    // (osiris_log.erl, evaluate_tracking_snapshot). Retention takes whole segments: what is lost to it is many.
    private const int MaxBrokerRecords = 2;

    private long _next = Unknown;
    private long _firstDue = Unknown;
    private object _start = "";

    /// <summary>Null before the first <see cref="Start"/>.</summary>
    public string? Epoch { get; private set; }

    /// <summary>The first offset that is delivered: what comes before it was published before this process was there.</summary>
    public long LiveFrom { get; private set; }

    /// <summary>Still in what was published before this process was there.</summary>
    public bool IsWarmingUp => LiveFrom > 0 && Next < LiveFrom;

    /// <summary>The next offset to read; -1 while that is not known.</summary>
    public long Next => Volatile.Read(ref _next);

    /// <summary>What was read last; null if nothing was.</summary>
    public StreamPosition? Position => Next > 0 && Epoch is { } epoch ? new StreamPosition(epoch, Next - 1) : null;

    /// <summary>The <c>x-stream-offset</c> to attach with: the next offset where it is known.</summary>
    public object AttachAt => Next == Unknown ? _start : Next;

    /// <summary>A process starts: it reads the last minutes, up to <paramref name="tail"/>, without delivering it.</summary>
    public void Start(string epoch, long tail) =>
        Begin(epoch, Interval(window), liveFrom: tail + 1, firstDue: tail + 1);

    /// <summary>The stream was made anew: nothing in it was read before.</summary>
    public void Restart(string epoch) =>
        Begin(epoch, "first", liveFrom: 0, firstDue: 0);

    /// <summary>
    /// The stream has lost its end and goes on with offsets that were read before: what came lately is read again, and the window of
    /// ids, which goes further back, drops what was delivered.
    /// </summary>
    public void StartOver(string epoch) =>
        Begin(epoch, Interval(window / 2), liveFrom: 0, firstDue: Unknown);

    /// <summary>
    /// Where the window held nothing, the next record is the first one that is delivered. Without this, a reader that loses the broker before
    /// it has read anything would attach by time again, and miss what is older by then.
    /// </summary>
    public void EndWarmUp() => Interlocked.CompareExchange(ref _next, _firstDue, Unknown);

    /// <summary>Whether publications between what was read last and <paramref name="offset"/> are no longer there.</summary>
    public bool HasMissed(long offset) => Next != Unknown && offset - Next > MaxBrokerRecords;

    /// <summary>Moves behind <paramref name="offset"/>. False where that was read before.</summary>
    public bool TryAdvance(long offset)
    {
        if (offset < Next)
        {
            return false;
        }

        Volatile.Write(ref _next, offset + 1);
        return true;
    }

    private void Begin(string epoch, object start, long liveFrom, long firstDue)
    {
        Epoch = epoch;
        LiveFrom = liveFrom;
        _start = start;
        _firstDue = firstDue;
        Volatile.Write(ref _next, Unknown);
    }

    /// <summary>A time back from when the reader attaches, by the broker's clock.</summary>
    private static string Interval(TimeSpan back) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)back.TotalSeconds)}s");
}
