using System.Text.Json;
using System.Text.RegularExpressions;
using Push.TestKit;

namespace Push.EndToEndTests.Telemetry;

/// <summary>The queries of the provisioned Grafana dashboard.</summary>
internal static partial class Dashboard
{
    // Grafana puts at least four scrapes here.
    private const string RateInterval = "15s";

    /// <summary>A panel's expression as Grafana sends it, and the labels that its legend shows.</summary>
    public static IReadOnlyList<(string Panel, string Expression, string[] Legend)> Queries()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(SolutionFolder.Root, "deploy/grafana/dashboards/push.json")));
        return
        [
            .. from panel in dashboard.RootElement.GetProperty("panels").EnumerateArray()
               where panel.TryGetProperty("targets", out _)
               from target in panel.GetProperty("targets").EnumerateArray()
               select (
                   panel.GetProperty("title").GetString()!,
                   target.GetProperty("expr").GetString()!.Replace("$__rate_interval", RateInterval, StringComparison.Ordinal),
                   target.TryGetProperty("legendFormat", out var legend) ? LabelsOf(legend.GetString()!) : []),
        ];
    }

    private static string[] LabelsOf(string legend) => [.. Label().Matches(legend).Select(match => match.Groups[1].Value)];

    [GeneratedRegex(@"\{\{\s*(\w+)\s*\}\}")]
    private static partial Regex Label();
}
