using Spectre.Console;

namespace Push.LoadTest.Results;

/// <summary>What telemetry costs Edge and Api: medians, and the median of the rounds' ratios.</summary>
internal static class TelemetryTable
{
    private static readonly string[] Parts = ["edge", "api"];

    public static void Print(Machine machine, IReadOnlyCollection<TelemetryPair> pairs)
    {
        AnsiConsole.WriteLine(machine.ToString());
        var table = new Table().Border(TableBorder.Markdown)
            .AddColumns(["case", "part", "rounds", "silent CPU-s/1M", "observed CPU-s/1M", "observed / silent", "deliveries/s", "lost", "dup"]);
        foreach (var byCase in pairs.GroupBy(pair => pair.Silent.Case))
        {
            foreach (var part in Parts)
            {
                table.AddRow([
                    byCase.Key,
                    part,
                    byCase.Count().ToString("N0", null),
                    Figures.Spread(byCase.Select(pair => TelemetryPair.Of(pair.Silent, part))),
                    Figures.Spread(byCase.Select(pair => TelemetryPair.Of(pair.Observed, part))),
                    Figures.Spread(byCase.Select(pair => pair.Ratio(part))),
                    $"{Figures.Show(Figures.Median(byCase.Select(pair => pair.Silent.DeliveriesPerSecond)))}, {Figures.Show(Figures.Median(byCase.Select(pair => pair.Observed.DeliveriesPerSecond)))}",
                    byCase.Sum(pair => pair.Silent.Lost + pair.Observed.Lost).ToString("N0", null),
                    byCase.Sum(pair => pair.Silent.Duplicates + pair.Observed.Duplicates).ToString("N0", null),
                ]);
            }
        }

        AnsiConsole.Write(table);
    }
}
