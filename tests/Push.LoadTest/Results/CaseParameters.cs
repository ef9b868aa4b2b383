namespace Push.LoadTest.Results;

/// <summary>The size of a case. The defaults of each case are its definition; options on the command line override them.</summary>
internal sealed record CaseParameters
{
    public int Connections { get; init; }

    public int Rooms { get; init; } = 1;

    /// <summary>Messages a second, over all rooms.</summary>
    public double Rate { get; init; }

    /// <summary>Messages on the way at once, where the case has a closed loop.</summary>
    public int InFlight { get; init; } = 1;

    public int Messages { get; init; }

    public int PayloadBytes { get; init; } = 128;

    public double WarmUpSeconds { get; init; } = 2;

    public double Seconds { get; init; } = 8;
}
