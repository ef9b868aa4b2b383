using Spectre.Console;

namespace Push.LoadTest.Results;

/// <summary>One row a result.</summary>
internal static class ResultTable
{
    public static void Print(ResultFile file)
    {
        AnsiConsole.WriteLine(file.Machine.ToString());
        var columns = Column.All.Where(c => file.Results.Any(r => c.Of(r) is not null)).ToList();
        var table = new Table().Border(TableBorder.Markdown).AddColumns(["case", .. columns.Select(c => c.Name), "lost", "dup", "late"]);
        foreach (var result in file.Results)
        {
            table.AddRow([
                Markup.Escape(result.Case),
                .. columns.Select(c => Figures.Show(c.Of(result))),
                result.Lost.ToString("N0", null),
                result.Duplicates.ToString("N0", null),
                result.Reordered.ToString("N0", null),
            ]);
        }

        AnsiConsole.Write(table);
        foreach (var result in file.Results)
        {
            foreach (var line in Else(result))
            {
                AnsiConsole.WriteLine($"{result.Case}: {line}");
            }
        }
    }

    private static IEnumerable<string> Else(CaseResult result) =>
    [
        $"CPU-s in {Figures.Show(result.Seconds)} s: {string.Join(", ", result.Roles.Select(r => $"{r.Key} {Figures.Show(r.Value.CpuSeconds)}"))}",
        .. result.Figures.Select(f => $"{f.Key}: {Figures.Show(f.Value)}"),
        .. result.Closes.Select(c => $"{c.Value} closed with {c.Key}"),
        .. result.Misdelivered == 0 ? (string[])[] : [$"{result.Misdelivered} misdelivered"],
        .. result.Notes,
    ];
}
