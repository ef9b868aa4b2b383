using System.Text.Json;

namespace WorldCupReplay.Tournament;

/// <summary>Reads the format of openfootball's <c>worldcup.json</c>.</summary>
internal static class TournamentFile
{
    public static string BundledPath => Path.Combine(AppContext.BaseDirectory, "data", "worldcup-2026.json");

    public static async Task<IReadOnlyList<Match>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        var content = await JsonSerializer.DeserializeAsync<Content>(file, JsonSerializerOptions.Web, cancellationToken);
        return content?.Matches ?? throw new FormatException($"{path} holds no matches");
    }

    private sealed record Content(IReadOnlyList<Match>? Matches);
}
