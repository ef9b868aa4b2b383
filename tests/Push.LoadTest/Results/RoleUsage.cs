namespace Push.LoadTest.Results;

/// <summary>What a part of the system used while it was measured, and where it stood in the end.</summary>
internal sealed record RoleUsage
{
    public double CpuSeconds { get; init; }

    /// <summary>Per million deliveries; null where nothing is delivered.</summary>
    public double? CpuSecondsPerMillion { get; init; }

    public long RssBytes { get; init; }

    public long RssGrowthBytes { get; init; }

    public int Handles { get; init; }

    public int Threads { get; init; }
}
