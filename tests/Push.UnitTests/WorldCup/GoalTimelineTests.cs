using WorldCupReplay.Tournament;
using Xunit;

namespace Push.UnitTests.WorldCup;

public sealed class GoalTimelineTests
{
    private static readonly Match Early = new()
    {
        Date = "2026-06-11",
        Time = "13:00 UTC-6",
        Team1 = "Home",
        Team2 = "Away",
        GoalsOfTeam1 = [new ScoredGoal("A", "45+3"), new ScoredGoal("B", "46")],
        GoalsOfTeam2 = [new ScoredGoal("C", "45")],
    };

    [Fact]
    public void Added_time_comes_before_the_second_half()
    {
        var goals = GoalTimeline.Of([Early]);

        Assert.Equal(["45", "45+3", "46"], goals.Select(goal => goal.Minute.ToString()));
        Assert.Equal([(0, 1), (1, 1), (2, 1)], goals.Select(goal => (goal.HomeScore, goal.AwayScore)));
    }

    [Fact]
    public void Kick_offs_in_different_time_zones_are_one_clock()
    {
        var sameMomentInTheEast = Early with { Time = "15:00 UTC-4", GoalsOfTeam1 = [new ScoredGoal("D", "45+1")], GoalsOfTeam2 = [] };
        var laterByTheClockOnTheWall = Early with { Time = "12:00 UTC-7", GoalsOfTeam1 = [], GoalsOfTeam2 = [new ScoredGoal("E", "1")] };

        var goals = GoalTimeline.Of([Early, sameMomentInTheEast, laterByTheClockOnTheWall]);

        Assert.Equal(["E", "C", "D", "A", "B"], goals.Select(goal => goal.Scorer));
    }

    [Fact]
    public async Task Every_goal_of_the_tournament_is_there_and_makes_the_score_of_its_match()
    {
        var matches = await TournamentFile.ReadAsync(TournamentFile.BundledPath, TestContext.Current.CancellationToken);

        var goals = GoalTimeline.Of(matches);

        Assert.Equal(104, matches.Count);
        Assert.Equal(308, goals.Count);
        foreach (var match in goals.GroupBy(goal => goal.Room))
        {
            Assert.Equal(Enumerable.Range(1, match.Count()), match.Select(goal => goal.Number));
            Assert.Equal(match.Count(), match.Last().HomeScore + match.Last().AwayScore);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("45+")]
    [InlineData("45+1+2")]
    [InlineData("-1")]
    [InlineData("half-time")]
    public void What_is_no_minute_is_refused(string text) => Assert.Throws<FormatException>(() => MatchMinute.Parse(text));
}
