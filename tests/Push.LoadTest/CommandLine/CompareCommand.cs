using Push.LoadTest.Cases;
using Push.LoadTest.Results;

namespace Push.LoadTest.CommandLine;

/// <summary><c>compare</c>: each case in turns against every target, so that the drift of the machine meets all alike.</summary>
internal static class CompareCommand
{
    private const int DefaultRounds = 5;

    public static async Task<int> RunAsync(Options options, string[] arguments, CancellationToken cancellationToken)
    {
        await using var targets = new TargetOptions(options);
        var cases = new CaseOptions(options);
        var chosen = cases.Cases(LoadCases.Comparable);
        var rounds = options.Whole("rounds") ?? DefaultRounds;
        var file = new ResultFile { StartedAt = TimeProvider.System.GetUtcNow(), Arguments = arguments, Machine = Machine.Here() };
        var sources = targets.Sources();
        foreach (var loadCase in chosen)
        {
            for (var round = 1; round <= rounds; round++)
            {
                foreach (var source in sources)
                {
                    await using var target = await source(cancellationToken);
                    await cases.RunAsync(loadCase, target, $"{loadCase.Name} {round}/{rounds} {target.Name}", file, cancellationToken);
                }
            }
        }

        ComparisonTable.Print(file);
        return file.PrintFailures();
    }
}
