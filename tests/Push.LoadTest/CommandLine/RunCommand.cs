using Push.LoadTest.Cases;
using Push.LoadTest.Results;
using Push.LoadTest.Targets;

namespace Push.LoadTest.CommandLine;

/// <summary><c>run</c>: cases one after the other against one target.</summary>
internal static class RunCommand
{
    public static async Task<int> RunAsync(Options options, string[] arguments, CancellationToken cancellationToken)
    {
        var targets = new TargetOptions(options);
        var cases = new CaseOptions(options);
        var chosen = cases.Cases(LoadCases.Short);
        var rounds = options.Whole("rounds") ?? 1;
        var file = new ResultFile { StartedAt = TimeProvider.System.GetUtcNow(), Arguments = arguments, Machine = Machine.Here() };
        var output = options.Text("out");

        await using var target = await TargetAsync(targets, options, cancellationToken);
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var loadCase in chosen)
            {
                var title = rounds == 1 ? loadCase.Name : $"{loadCase.Name} {round}/{rounds}";
                file.Results.Add(await cases.RunAsync(loadCase, target, title, cancellationToken));
                if (output is not null)
                {
                    file.Write(output);
                }
            }
        }

        ResultTable.Print(file);
        return 0;
    }

    private static async Task<Target> TargetAsync(TargetOptions targets, Options options, CancellationToken cancellationToken)
    {
        Target? push = null;
        if (targets.Peers.Count == 0)
        {
            push = targets.RunningPush();
        }

        options.RejectUnknown();
        return push ?? await TargetOptions.StartPeerAsync(targets.Peers[0], cancellationToken);
    }
}
