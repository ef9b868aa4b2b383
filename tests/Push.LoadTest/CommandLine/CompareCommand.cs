using Push.LoadTest.Cases;
using Push.LoadTest.Results;
using Push.LoadTest.Targets;

namespace Push.LoadTest.CommandLine;

/// <summary><c>compare</c>: each case in turns against every target, so that the drift of the machine meets all alike.</summary>
internal static class CompareCommand
{
    private const int DefaultRounds = 5;

    public static async Task<int> RunAsync(Options options, string[] arguments, CancellationToken cancellationToken)
    {
        var targets = new TargetOptions(options);
        var cases = new CaseOptions(options);
        var chosen = cases.Cases(LoadCases.Comparable);
        var rounds = options.Whole("rounds") ?? DefaultRounds;
        var output = options.Text("out");
        var file = new ResultFile { StartedAt = TimeProvider.System.GetUtcNow(), Arguments = arguments, Machine = Machine.Here() };
        List<Func<Task<Target>>> starts = [.. targets.Peers.Select(peer => (Func<Task<Target>>)(() => TargetOptions.StartPeerAsync(peer, cancellationToken)))];
        if (targets.HasPush)
        {
            var push = targets.RunningPush();
            starts.Add(() => Task.FromResult(push));
        }

        if (starts.Count == 0)
        {
            throw new UsageException("compare needs --peer");
        }

        options.RejectUnknown();
        foreach (var loadCase in chosen)
        {
            for (var round = 1; round <= rounds; round++)
            {
                foreach (var start in starts)
                {
                    await using var target = await start();
                    file.Results.Add(await cases.RunAsync(loadCase, target, $"{loadCase.Name} {round}/{rounds} {target.Name}", cancellationToken));
                    if (output is not null)
                    {
                        file.Write(output);
                    }
                }
            }
        }

        ComparisonTable.Print(file);
        return 0;
    }
}
