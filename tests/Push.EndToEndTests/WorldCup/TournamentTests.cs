using System.Diagnostics;
using System.Text.Json;
using Push.EndToEndTests.Setup;
using Push.TestKit.Clients;
using WorldCupReplay;
using WorldCupReplay.Display;
using WorldCupReplay.Publishing;
using WorldCupReplay.Tournament;
using Xunit;

namespace Push.EndToEndTests.WorldCup;

public sealed class TournamentTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private const string FinalWhistle = "final whistle";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Theory]
    [MemberData(nameof(Entrances.OfEveryTopology), MemberType = typeof(Entrances))]
    public async Task Every_subscriber_of_a_match_gets_its_goals_in_order_and_nobody_elses(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        var matches = await TournamentFile.ReadAsync(TournamentFile.BundledPath, Cancelled);
        var goals = GoalTimeline.Of(matches);
        var rooms = matches.Select((_, index) => GoalTimeline.RoomOf(index)).ToArray();
        var subscribers = await SubscribeAsync(site, rooms);

        var startedAt = Stopwatch.GetTimestamp();
        using var publisher = new GoalPublisher(site.Calls.Address, apiKey: null, TimeProvider.System);
        var exitCode = await new Replay(publisher, new ProgressDisplay(TextWriter.Null, isTerminal: false, goals.Count), TimeProvider.System)
            .RunAsync(goals, ReplayPace.Unpaced, Cancelled);
        Output.WriteLine($"{goals.Count} goals in {Stopwatch.GetElapsedTime(startedAt).TotalSeconds:0.0} s");
        foreach (var room in rooms)
        {
            Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = room, message = $"{FinalWhistle} {room}" }, Cancelled)).Status);
        }

        Assert.Equal(0, exitCode);
        foreach (var (client, joined) in subscribers)
        {
            foreach (var room in joined)
            {
                await client.ReceiveUntilAsync($"{FinalWhistle} {room}", Limit, $"the end of {room}");
            }

            // Order is promised within a room, not between two.
            var received = client.Received.Where(message => !message.StartsWith(FinalWhistle, StringComparison.Ordinal)).Select(Read).ToLookup(goal => goal.Match);
            Assert.All(joined, room => Assert.Equal(goals.Where(goal => goal.Room == room).Select(Describe), received[room]));
            Assert.Empty(received.Select(match => match.Key).Except(joined));
        }
    }

    /// <summary>One for each match, on the Edges in turn, and one for each pair of matches: those of one day are often played at once.</summary>
    private static async Task<(PlainClient Client, string[] Rooms)[]> SubscribeAsync(Site site, string[] rooms)
    {
        var joined = rooms.Select(room => new[] { room }).Concat(rooms.Chunk(2)).Select((names, index) => (names, index));
        return await Task.WhenAll(joined.Select(async of => (await site.ConnectAsync(string.Join(',', of.names), edge: of.index), of.names)));
    }

    private static (string Match, string Team, string Scorer, string Minute, int Home, int Away) Describe(Goal goal) =>
        (goal.Room, goal.Team, goal.Scorer, goal.Minute.ToString(), goal.HomeScore, goal.AwayScore);

    private static (string Match, string Team, string Scorer, string Minute, int Home, int Away) Read(string message)
    {
        using var document = JsonDocument.Parse(message);
        var goal = document.RootElement;
        Assert.Equal("goal", goal.GetProperty("type").GetString());
        var score = goal.GetProperty("score");
        return (Text("match"), Text("team"), Text("scorer"), Text("minute"), score[0].GetInt32(), score[1].GetInt32());

        string Text(string name) => goal.GetProperty(name).GetString()!;
    }
}
