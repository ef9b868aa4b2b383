using System.Text.Json;

namespace Push.LoadTest.Results;

/// <summary>The results of one invocation, with where they were measured.</summary>
internal sealed record ResultFile
{
    private static readonly LoadTestJson Indented = new(new JsonSerializerOptions(LoadTestJson.Default.Options) { WriteIndented = true });

    public required DateTimeOffset StartedAt { get; init; }

    public required string[] Arguments { get; init; }

    public required Machine Machine { get; init; }

    public List<CaseResult> Results { get; init; } = [];

    /// <summary>Runs that came to no result, and why.</summary>
    public List<string> Failures { get; init; } = [];

    public void Write(string path)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } directory)
        {
            Directory.CreateDirectory(directory);
        }

        File.WriteAllText(path, JsonSerializer.Serialize(this, Indented.ResultFile));
    }

    /// <summary>Says what failed; returns the exit code.</summary>
    public int PrintFailures()
    {
        foreach (var failure in Failures)
        {
            Console.Error.WriteLine(failure);
        }

        return Failures.Count == 0 ? 0 : 1;
    }

    public static ResultFile Read(string path) => JsonSerializer.Deserialize(File.ReadAllText(path), LoadTestJson.Default.ResultFile)!;
}
