namespace Push.LoadTest.Results;

/// <summary>A figure that tables and comparisons show.</summary>
/// <param name="Name">With its unit.</param>
/// <param name="Of">Null where a result has none.</param>
internal sealed record Column(string Name, Func<CaseResult, double?> Of)
{
    public static IReadOnlyList<Column> All { get; } =
    [
        new("deliveries/s", r => r.DeliveriesPerSecond),
        new("CPU-s/1M", r => r.CpuSecondsPerMillion),
        new("p50 ms", r => r.Latency?.P50),
        new("p99 ms", r => r.Latency?.P99),
        new("p99.9 ms", r => r.Latency?.P999),
        new("RSS B/conn", r => r.RssBytesPerConnection),
        new("conns/s", r => r.Case == "C1" ? r.ConnectsPerSecond : null),
    ];
}
