using Push.LoadTest.Cases;
using Push.LoadTest.Results;

namespace Push.LoadTest.CommandLine;

/// <summary><c>run</c>: cases one after the other against one target.</summary>
internal static class RunCommand
{
    public static async Task<int> RunAsync(Options options, string[] arguments, CancellationToken cancellationToken)
    {
        await using var targets = new TargetOptions(options);
        var cases = new CaseOptions(options);
        var chosen = cases.Cases(LoadCases.Short);
        var rounds = options.Whole("rounds") ?? 1;
        var file = new ResultFile { StartedAt = TimeProvider.System.GetUtcNow(), Arguments = arguments, Machine = Machine.Here() };

        var sources = targets.Sources();
        if (sources.Count > 1)
        {
            throw new UsageException("run takes one target; compare takes several");
        }

        await using var target = await sources[0](cancellationToken);
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var loadCase in chosen)
            {
                var title = rounds == 1 ? loadCase.Name : $"{loadCase.Name} {round}/{rounds}";
                await cases.RunAsync(loadCase, target, title, file, cancellationToken);
            }
        }

        ResultTable.Print(file);
        return file.PrintFailures();
    }
}
