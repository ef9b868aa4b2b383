namespace Push.TestKit.Processes;

internal static class ProgramPath
{
    /// <summary>The full path of a program in one of the folders, or in one of <c>PATH</c>.</summary>
    public static string? Find(string name, params IEnumerable<string> folders)
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return folders.Concat(path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
    }
}
