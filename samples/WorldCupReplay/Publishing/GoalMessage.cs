using System.Text.Json.Serialization;
using WorldCupReplay.Tournament;

namespace WorldCupReplay.Publishing;

/// <summary>What the clients of a match receive.</summary>
internal sealed record GoalMessage
{
    public string Type { get; } = "goal";

    public required string Match { get; init; }

    public required string Home { get; init; }

    public required string Away { get; init; }

    public required string Team { get; init; }

    public required string Scorer { get; init; }

    public required string Minute { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Penalty { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool OwnGoal { get; init; }

    /// <summary>After this goal: home, away.</summary>
    public required IReadOnlyList<int> Score { get; init; }

    public static GoalMessage Of(Goal goal) => new()
    {
        Match = goal.Room,
        Home = goal.Home,
        Away = goal.Away,
        Team = goal.Team,
        Scorer = goal.Scorer,
        Minute = goal.Minute.ToString(),
        Penalty = goal.IsPenalty,
        OwnGoal = goal.IsOwnGoal,
        Score = [goal.HomeScore, goal.AwayScore],
    };
}
