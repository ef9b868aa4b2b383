using System.Xml.Linq;

namespace Push.TestKit;

/// <summary>The sources of this solution, found from where the tests were built.</summary>
public static class SolutionFolder
{
    public const string SolutionName = "Push.sln";

    private static readonly string[] Generated = ["bin", "obj", "node_modules", "artifacts"];

    public static string Root { get; } = Find();

    /// <summary>Every file with this ending that is not build output, by its path from the root, with slashes.</summary>
    public static IReadOnlyList<string> Files(string ending) =>
        [.. Walk(new DirectoryInfo(Root)).Where(path => path.EndsWith(ending, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <param name="path">From the root, with slashes.</param>
    public static string PathOf(string path) => Path.Combine(Root, path);

    /// <param name="path">From the root, with slashes.</param>
    public static string Read(string path) => File.ReadAllText(PathOf(path));

    /// <summary>What a project names in items of this kind: packages by name, projects by the name of their folder.</summary>
    public static IReadOnlyList<string> References(string project, string kind) =>
        [.. XDocument.Parse(Read(project)).Descendants(kind).Select(item => Path.GetFileNameWithoutExtension(Bare(item.Attribute("Include")?.Value)))];

    // A package's last part is no file ending.
    private static string Bare(string? include) => (include ?? "").EndsWith(".csproj", StringComparison.Ordinal) ? include! : $"{include}.";

    private static IEnumerable<string> Walk(DirectoryInfo folder)
    {
        foreach (var file in folder.EnumerateFiles())
        {
            yield return Path.GetRelativePath(Root, file.FullName).Replace('\\', '/');
        }

        foreach (var path in folder.EnumerateDirectories().Where(child => child.Name[0] != '.' && !Generated.Contains(child.Name)).SelectMany(Walk))
        {
            yield return path;
        }
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, SolutionName)))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no folder above {AppContext.BaseDirectory} holds {SolutionName}");
    }
}
