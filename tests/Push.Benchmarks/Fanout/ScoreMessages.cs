using System.Text.Encodings.Web;
using System.Text.Json;

namespace Push.Benchmarks.Fanout;

/// <summary>The state of each match of the World Cup sample, as a live-score site pushes it: 400 to 1,000 bytes of JSON.</summary>
internal static class ScoreMessages
{
    private const int MinBytes = 400;
    private const int MaxBytes = 1000;

    // As a site's own back end writes names: in UTF-8 instead of \u escapes, which would compress all too well.
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[][] Read()
    {
        using var file = typeof(ScoreMessages).Assembly.GetManifestResourceStream("matches.json")!;
        using var tournament = JsonDocument.Parse(file);
        return [.. tournament.RootElement.GetProperty("matches").EnumerateArray()
            .Select(match => JsonSerializer.SerializeToUtf8Bytes(match, Compact))
            .Where(message => message.Length is >= MinBytes and <= MaxBytes)];
    }
}
