using System.Globalization;
using System.Net;
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

    /// <summary>Null where the target serves no metrics: Push does when it runs with <c>OTEL_METRICS_EXPORTER=prometheus</c>.</summary>
    public static async Task<RuntimeCounters?> ReadAsync(Target target, CancellationToken cancellationToken)
    {
        if (target.Api is null)
        {
            return null;
        }

        var sum = new RuntimeCounters(0, 0);
        foreach (var endPoint in target.EndPoints)
        {
            using var answer = await Client.GetAsync(new Uri($"http://{endPoint}/metrics"), cancellationToken);
            if (answer.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }

            var text = await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken);
            sum = new RuntimeCounters(sum.AllocatedBytes + Sum(text, Allocated), sum.PauseSeconds + Sum(text, Pauses));
        }

        return sum;
    }

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
