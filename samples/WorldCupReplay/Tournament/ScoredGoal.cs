using System.Text.Json.Serialization;

namespace WorldCupReplay.Tournament;

/// <summary>A goal as the data has it.</summary>
/// <param name="Name">The scorer.</param>
/// <param name="Minute">See <see cref="MatchMinute"/>.</param>
/// <param name="IsPenalty">From the penalty spot.</param>
/// <param name="IsOwnGoal">Scored by a player of the other side.</param>
internal sealed record ScoredGoal(
    string Name,
    string Minute,
    [property: JsonPropertyName("penalty")] bool IsPenalty = false,
    [property: JsonPropertyName("owngoal")] bool IsOwnGoal = false);
