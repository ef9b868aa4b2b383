namespace Push.Benchmarks.Fanout;

/// <summary>Tells from the bytes that a client has read how many messages that is, where the same ones come round again and again.</summary>
internal sealed class FrameProgress
{
    private readonly long[] _ends;

    public FrameProgress(IEnumerable<int> frameLengths)
    {
        var end = 0L;
        _ends = [.. frameLengths.Select(length => end += length)];
    }

    public double BytesPerMessage => _ends[^1] / (double)_ends.Length;

    /// <summary>Whole messages in so many bytes.</summary>
    public long Messages(long bytes)
    {
        var (rounds, rest) = Math.DivRem(bytes, _ends[^1]);
        var found = Array.BinarySearch(_ends, rest);
        return (rounds * _ends.Length) + (found >= 0 ? found + 1 : ~found);
    }
}
