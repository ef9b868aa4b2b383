using System.Globalization;
using System.Text.Json.Serialization;

namespace WorldCupReplay.Tournament;

/// <summary>A match as the data has it. The goals of a side are those that count for it, own goals of the other side included.</summary>
internal sealed record Match
{
    /// <summary>The day of the kick-off where it was played, <c>2026-06-11</c>.</summary>
    public required string Date { get; init; }

    /// <summary>The time of the kick-off there and its offset, <c>13:00 UTC-6</c>.</summary>
    public required string Time { get; init; }

    public required string Team1 { get; init; }

    public required string Team2 { get; init; }

    /// <summary>Absent where the match was not played yet.</summary>
    [JsonPropertyName("goals1")]
    public IReadOnlyList<ScoredGoal> GoalsOfTeam1 { get; init; } = [];

    [JsonPropertyName("goals2")]
    public IReadOnlyList<ScoredGoal> GoalsOfTeam2 { get; init; } = [];

    public DateTimeOffset KickOff()
    {
        const string Zone = " UTC";
        var separator = Time.IndexOf(Zone, StringComparison.Ordinal);
        var offset = separator < 0 ? "" : Time[(separator + Zone.Length)..];
        if (!int.TryParse(offset, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var hours))
        {
            throw new FormatException($"'{Time}' is not a time such as '13:00 UTC-6' ({Team1} - {Team2})");
        }

        var local = DateTime.ParseExact($"{Date} {Time[..separator]}", "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        return new DateTimeOffset(local, TimeSpan.FromHours(hours));
    }
}
