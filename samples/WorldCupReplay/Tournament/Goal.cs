namespace WorldCupReplay.Tournament;

/// <summary>A goal with its match and the score that it made.</summary>
internal sealed record Goal
{
    /// <summary>The room of the match, <c>wc2026-17</c>.</summary>
    public required string Room { get; init; }

    /// <summary>Which goal of its match, from 1.</summary>
    public required int Number { get; init; }

    public required string Home { get; init; }

    public required string Away { get; init; }

    /// <summary>The side that it counts for.</summary>
    public required string Team { get; init; }

    public required string Scorer { get; init; }

    public required MatchMinute Minute { get; init; }

    public required bool IsPenalty { get; init; }

    public required bool IsOwnGoal { get; init; }

    public required int HomeScore { get; init; }

    public required int AwayScore { get; init; }

    /// <summary>By the match clock, which knows neither half-time nor added time.</summary>
    public required DateTimeOffset FellAt { get; init; }
}
