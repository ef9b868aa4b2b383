namespace WorldCupReplay;

/// <summary>How much faster than the tournament the replay goes.</summary>
/// <param name="Speed">Match seconds in one second.</param>
/// <param name="LongestPause">What a longer pause between two goals is cut to.</param>
internal sealed record ReplayPace(double Speed, TimeSpan LongestPause)
{
    public static ReplayPace Unpaced { get; } = new(double.PositiveInfinity, TimeSpan.Zero);

    public TimeSpan Between(DateTimeOffset earlier, DateTimeOffset later)
    {
        var seconds = (later - earlier).TotalSeconds / Speed;
        return seconds < LongestPause.TotalSeconds ? TimeSpan.FromSeconds(seconds) : LongestPause;
    }
}
