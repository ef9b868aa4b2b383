using WorldCupReplay;
using WorldCupReplay.Display;
using WorldCupReplay.Publishing;
using WorldCupReplay.Tournament;

if (!ReplayOptions.TryParse(args, out var options, out var complaint))
{
    await Console.Error.WriteLineAsync($"{complaint}{Environment.NewLine}{ReplayOptions.Usage}");
    return 2;
}

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stopping.Cancel();
};

var goals = GoalTimeline.Of(await TournamentFile.ReadAsync(TournamentFile.BundledPath, stopping.Token));
using var publisher = new GoalPublisher(options.Url, options.ApiKey, TimeProvider.System);
var display = new ProgressDisplay(Console.Out, isTerminal: !Console.IsOutputRedirected, goals.Count);
return await new Replay(publisher, display, TimeProvider.System).RunAsync(goals, options.Pace, stopping.Token);
