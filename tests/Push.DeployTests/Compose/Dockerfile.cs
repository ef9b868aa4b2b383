using Push.TestKit;
namespace Push.DeployTests.Compose;

/// <summary>The Dockerfile by its stages, each instruction on one line.</summary>
internal static class Dockerfile
{
    public static IReadOnlyList<string> Instructions { get; } =
        [.. SolutionFolder.Read("Dockerfile").Replace("\\\n", " ", StringComparison.Ordinal).Split('\n').Where(line => line.Length > 0 && line[0] != '#')];

    /// <summary>The stages that are images of a service, with their instructions.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Targets { get; } = Stages().Where(stage => stage.Base == "runtime").ToDictionary(stage => stage.Name, stage => stage.Instructions);

    public static IReadOnlyList<string> InstructionsOf(string stageName) => Stages().Single(stage => stage.Name == stageName).Instructions;

    private static IEnumerable<(string Name, string Base, IReadOnlyList<string> Instructions)> Stages()
    {
        var starts = Instructions.Index().Where(line => line.Item.StartsWith("FROM ", StringComparison.Ordinal)).Select(line => line.Index).ToList();
        foreach (var (start, end) in starts.Zip(starts.Skip(1).Append(Instructions.Count)))
        {
            // FROM <base> AS <name>
            var words = Instructions[start].Split(' ');
            yield return (words[3], words[1], [.. Instructions.Take(end).Skip(start + 1)]);
        }
    }
}
