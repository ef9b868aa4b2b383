using System.Globalization;
using WorldCupReplay.Tournament;

namespace WorldCupReplay.Display;

/// <summary>A line for each goal; on a terminal, a bar below them as well.</summary>
internal sealed class ProgressDisplay(TextWriter output, bool isTerminal, int total)
{
    private const int BarWidth = 30;
    private const string ClearLine = "\r\e[2K";

    private int _sent;

    public void Sent(Goal goal)
    {
        _sent++;
        Write(Line(goal));
    }

    public void Finish(string message)
    {
        Write(string.Create(CultureInfo.InvariantCulture, $"{message} {_sent} of {total} goals."));
        output.Write(isTerminal ? Environment.NewLine : "");
    }

    private void Write(string line)
    {
        output.Write(isTerminal ? ClearLine : "");
        output.WriteLine(line);
        output.Write(isTerminal ? Bar() : "");
        output.Flush();
    }

    private string Bar()
    {
        var filled = total == 0 ? BarWidth : BarWidth * _sent / total;
        return $"[{new string('#', filled)}{new string('.', BarWidth - filled)}] {_sent}/{total} goals";
    }

    private static string Line(Goal goal)
    {
        var how = (goal.IsPenalty, goal.IsOwnGoal) switch
        {
            (true, _) => " (penalty)",
            (_, true) => " (own goal)",
            _ => "",
        };
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{goal.FellAt.UtcDateTime:d MMM HH:mm}  {goal.Room,-11} {goal.Home} {goal.HomeScore}-{goal.AwayScore} {goal.Away}  {goal.Minute}' {goal.Scorer}{how}");
    }
}
