using System.Globalization;
using Push.LoadTest.Targets;

namespace Push.LoadTest.Processes;

/// <summary>
/// What the Edges' runtimes say of their garbage collectors since they started, by their <c>/metrics</c>
/// (https://learn.microsoft.com/dotnet/core/diagnostics/built-in-metrics-runtime).
/// </summary>
/// <param name="AllocatedBytes">Allocated on the managed heap.</param>
/// <param name="PauseSeconds">Time for which the collector stopped the process.</param>
internal sealed record RuntimeCounters(double AllocatedBytes, double PauseSeconds)
{
    private const string Allocated = "dotnet_gc_heap_total_allocated_bytes_total";
    private const string Pauses = "dotnet_gc_pause_time_seconds_total";

    private static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>Null where the target serves no metrics: Push does when it is started from here, with <c>OTEL_METRICS_EXPORTER=prometheus</c>.</summary>
    public static async Task<RuntimeCounters?> ReadAsync(Target target, CancellationToken cancellationToken)
    {
        if (target.Metrics.Count == 0 || !IsScraped(Environment.GetEnvironmentVariable("OTEL_METRICS_EXPORTER")))
        {
            return null;
        }

        var sum = new RuntimeCounters(0, 0);
        foreach (var address in target.Metrics)
        {
            using var answer = await Client.GetAsync(address, cancellationToken);
            var text = await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken);
            sum = new RuntimeCounters(sum.AllocatedBytes + Sum(text, Allocated), sum.PauseSeconds + Sum(text, Pauses));
        }

        return sum;
    }

    private static bool IsScraped(string? exporters) => exporters?.Split(',', StringSplitOptions.TrimEntries).Contains("prometheus") == true;

    /// <summary>Adds up the series of a metric in Prometheus' text format.</summary>
    /// <exception cref="InvalidDataException">There are none.</exception>
    internal static double Sum(string text, string metric)
    {
        // name{label="…"} value [timestamp]
        var values = text.Split('\n')
            .Where(line => line.StartsWith(metric, StringComparison.Ordinal) && line[metric.Length..] is ['{' or ' ', ..])
            .Select(line => line[(line.LastIndexOf('}') is var end && end >= 0 ? end + 1 : metric.Length)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0])
            .Select(value => double.Parse(value, CultureInfo.InvariantCulture))
            .ToList();
        return values.Count > 0 ? values.Sum() : throw new InvalidDataException($"the target has no metric {metric}");
    }
}
