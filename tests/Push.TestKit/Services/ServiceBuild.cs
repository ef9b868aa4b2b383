namespace Push.TestKit.Services;

/// <summary>Where the build put the services: in the configuration in which the tests were built.</summary>
public static class ServiceBuild
{
    /// <summary>The assembly of a service.</summary>
    /// <param name="project">The project's folder from the solution's, <c>services/Push.Api</c>.</param>
    public static string AssemblyOf(string project)
    {
        // bin/<configuration>/<framework>, as the tests' own.
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var path = Path.Combine(SolutionFolder.Root, project, "bin", output.Parent!.Name, output.Name, $"{Path.GetFileName(project)}.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{project} is not built: dotnet build -c {output.Parent.Name}", path);
    }
}
