using System.Text.RegularExpressions;
using Push.TestKit;

namespace Push.DeployTests.Manifests;

/// <summary>Overlays as an operator makes them by docs/operations.md: a copy of production's beside it, with the lines that the page says to add.</summary>
internal sealed class OverlayCopies : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("push-k8s-");

    public OverlayCopies() => Copy(SolutionFolder.PathOf("k8s"), _root.FullName);

    /// <param name="components">Names that the page has a line <c>components: [../../components/NAME]</c> for.</param>
    public string OfProduction(params string[] components)
    {
        var folder = Path.Combine(_root.FullName, "overlays", string.Join('-', components));
        Copy(Path.Combine(_root.FullName, "overlays", "prod"), folder);
        var entries = components.Select(PathInDocumentation);
        File.AppendAllText(Path.Combine(folder, "kustomization.yaml"), $"components: [{string.Join(", ", entries)}]\n");
        return folder;
    }

    public void Dispose() => _root.Delete(recursive: true);

    private static string PathInDocumentation(string component) =>
        Regex.Match(SolutionFolder.Read("docs/operations.md"), $@"`components: \[([^\]]*/{component})\]`") is { Success: true } line
            ? line.Groups[1].Value
            : throw new InvalidOperationException($"docs/operations.md does not say how to take the component {component} in.");

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (var folder in Directory.EnumerateDirectories(from))
        {
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }
}
