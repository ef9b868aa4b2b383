namespace WorldCupReplay.Tournament;

/// <summary>Puts the goals of all matches into one order, that of the matches' clocks.</summary>
internal static class GoalTimeline
{
    public static IReadOnlyList<Goal> Of(IReadOnlyList<Match> matches) =>
        [.. matches.SelectMany((match, index) => OfMatch(match, RoomOf(index))).OrderBy(goal => goal.FellAt).ThenBy(goal => goal.Minute.Added)];

    /// <summary>The room of a match.</summary>
    /// <param name="index">The match's place in the data, from 0.</param>
    public static string RoomOf(int index) => $"wc2026-{index + 1}";

    private static IEnumerable<Goal> OfMatch(Match match, string room)
    {
        var kickOff = match.KickOff();
        var (home, away) = (0, 0);
        var number = 0;
        foreach (var (goal, minute, isHome) in InOrder(match))
        {
            (home, away) = isHome ? (home + 1, away) : (home, away + 1);
            yield return new Goal
            {
                Room = room,
                Number = ++number,
                Home = match.Team1,
                Away = match.Team2,
                Team = isHome ? match.Team1 : match.Team2,
                Scorer = goal.Name,
                Minute = minute,
                IsPenalty = goal.IsPenalty,
                IsOwnGoal = goal.IsOwnGoal,
                HomeScore = home,
                AwayScore = away,
                FellAt = kickOff + TimeSpan.FromMinutes(minute.Regular),
            };
        }
    }

    private static IEnumerable<(ScoredGoal Goal, MatchMinute Minute, bool IsHome)> InOrder(Match match) =>
        match.GoalsOfTeam1.Select(goal => (goal, MatchMinute.Parse(goal.Minute), true))
            .Concat(match.GoalsOfTeam2.Select(goal => (goal, MatchMinute.Parse(goal.Minute), false)))
            .OrderBy(goal => goal.Item2);
}
