using System.Collections;
using Push.LoadTest.Cases;
using Push.LoadTest.Publishing;
using Push.LoadTest.Results;
using Push.LoadTest.Targets;
using Push.TestKit;

namespace Push.LoadTest.CommandLine;

/// <summary><c>telemetry</c>: each case in turns without any telemetry and with what an operator would switch on.</summary>
internal static class TelemetryCommand
{
    private const int DefaultRounds = 5;

    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(Options options, string[] arguments, CancellationToken cancellationToken)
    {
        var cases = new CaseOptions(options);
        var chosen = cases.Cases(LoadCases.All.Where(c => c.Name is "F1" or "F3"));
        var rounds = options.Whole("rounds") ?? DefaultRounds;
        var edges = options.Whole("edges") ?? 1;
        options.RejectUnknown();

        var file = new ResultFile { StartedAt = TimeProvider.System.GetUtcNow(), Arguments = arguments, Machine = Machine.Here() };
        var pairs = new List<TelemetryPair>();
        await using var services = await PushServices.StartAsync(PushServices.Separate, cancellationToken);
        await using var transport = PushService.StartRole(OtlpSink.Verb, [], new Dictionary<string, string?>());
        await Deadline.UntilAsync(transport.IsReadyAsync, ReadyLimit, "the collector is ready", cancellationToken);
        foreach (var loadCase in chosen)
        {
            for (var round = 1; round <= rounds; round++)
            {
                var silent = await RunOnceAsync("silent", Silent());
                var observed = await RunOnceAsync("observed", Observed(transport.Port));
                if (silent is not null && observed is not null)
                {
                    pairs.Add(new TelemetryPair(silent, observed));
                }

                async Task<CaseResult?> RunOnceAsync(string name, Dictionary<string, string?> variables)
                {
                    await using var target = await services.StartTargetAsync(PublisherKind.PushHttp, edges, cancellationToken, variables);
                    var before = file.Results.Count;
                    await cases.RunAsync(loadCase, target with { Name = name }, $"{loadCase.Name} {round}/{rounds} {name}", file, cancellationToken);
                    return file.Results.Count > before ? file.Results[^1] : null;
                }
            }
        }

        TelemetryTable.Print(file.Machine, pairs);
        return file.PrintFailures();
    }

    /// <summary>What this process was started with must not switch anything on.</summary>
    private static Dictionary<string, string?> Silent() => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .Select(variable => (string)variable.Key)
        .Where(name => name.StartsWith("OTEL_", StringComparison.Ordinal))
        .ToDictionary(name => name, _ => (string?)null);

    private static Dictionary<string, string?> Observed(int port) => new(Silent())
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{port}",
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_TRACES_SAMPLER"] = "parentbased_traceidratio",
        ["OTEL_TRACES_SAMPLER_ARG"] = "0.01",
        ["OTEL_LOGS_EXPORTER"] = "none",
        // As often as a Prometheus would scrape.
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "10000",
    };
}
