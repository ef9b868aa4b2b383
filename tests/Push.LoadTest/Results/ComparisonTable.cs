using Spectre.Console;

namespace Push.LoadTest.Results;

/// <summary>Medians of each target, and how the last target stands to each of the others.</summary>
internal static class ComparisonTable
{
    public static void Print(ResultFile file)
    {
        AnsiConsole.WriteLine(file.Machine.ToString());
        var table = new Table().Border(TableBorder.Markdown).AddColumns(["case", "target", "runs", .. Column.All.Select(c => c.Name), "lost", "dup"]);
        foreach (var byCase in file.Results.GroupBy(r => r.Case))
        {
            var targets = byCase.GroupBy(r => r.Target).ToList();
            foreach (var runs in targets)
            {
                table.AddRow([
                    byCase.Key,
                    runs.Key,
                    runs.Count().ToString("N0", null),
                    .. Column.All.Select(c => Figures.Spread(runs.Select(c.Of))),
                    runs.Sum(r => r.Lost).ToString("N0", null),
                    runs.Sum(r => r.Duplicates).ToString("N0", null),
                ]);
            }

            foreach (var peer in targets.SkipLast(1))
            {
                table.AddRow([byCase.Key, $"{targets[^1].Key} / {peer.Key}", "", .. Column.All.Select(c => Ratio(targets[^1], peer, c)), "", ""]);
            }
        }

        AnsiConsole.Write(table);
    }

    private static string Ratio(IEnumerable<CaseResult> runs, IEnumerable<CaseResult> peer, Column column) =>
        (Figures.Median(runs.Select(column.Of)), Figures.Median(peer.Select(column.Of))) is ({ } ours, { } theirs) && theirs > 0
            ? $"{ours / theirs:0.00} ×"
            : Figures.None;
}
