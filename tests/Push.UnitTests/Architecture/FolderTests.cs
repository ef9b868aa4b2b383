using System.Text.RegularExpressions;
using Push.TestKit;
using Xunit;

namespace Push.UnitTests.Architecture;

/// <summary>The folders of a project use one another one way, by the usings of their files. What stands in the project's own folder may use them all.</summary>
public sealed partial class FolderTests
{
    public static TheoryData<string> Projects =>
        [.. SolutionFolder.Files(".csproj").Where(project => !project.StartsWith("tests/", StringComparison.Ordinal) && !project.StartsWith("samples/", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_of_a_project_use_one_another_in_no_circle(string project)
    {
        var name = Path.GetFileNameWithoutExtension(project);
        var uses = Uses(name, Path.GetDirectoryName(project)!.Replace('\\', '/') + "/");

        Assert.All(uses.Keys, folder => Assert.DoesNotContain(folder, Reachable(folder)));

        HashSet<string> Reachable(string from)
        {
            var reached = new HashSet<string>();
            var open = new Stack<string>(uses[from]);
            while (open.TryPop(out var folder))
            {
                if (reached.Add(folder))
                {
                    uses.GetValueOrDefault(folder, []).ToList().ForEach(open.Push);
                }
            }

            return reached;
        }
    }

    private static Dictionary<string, HashSet<string>> Uses(string name, string root) => SolutionFolder.Files(".cs")
        .Where(path => path.StartsWith(root, StringComparison.Ordinal) && path.AsSpan(root.Length).Contains('/'))
        .GroupBy(path => path[root.Length..].Split('/')[0])
        .ToDictionary(
            folder => folder.Key,
            folder => folder.SelectMany(path => Usings().Matches(SolutionFolder.Read(path)))
                .Select(match => match.Groups["namespace"].Value)
                .Where(used => used.StartsWith(name + ".", StringComparison.Ordinal))
                .Select(used => used[(name.Length + 1)..].Split('.')[0])
                .Where(used => used != folder.Key)
                .ToHashSet());

    [GeneratedRegex(@"^using (static )?(?<namespace>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Usings();
}
