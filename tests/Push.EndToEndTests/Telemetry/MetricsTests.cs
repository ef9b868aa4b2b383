using System.Globalization;
using System.Text.RegularExpressions;
using Push.EndToEndTests.Setup;
using Push.TestKit;
using Push.TestKit.Clients;
using Push.TestKit.Servers;
using Push.TestKit.Services;
using Xunit;

namespace Push.EndToEndTests.Telemetry;

/// <summary>What a real Prometheus has of separate processes, and whether dashboard and rules ask for that.</summary>
[Collection(ObservedCollection.Name)]
public sealed partial class MetricsTests(ObservedSystem system, Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private const string Rules = "deploy/prometheus/rules/push.yml";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    /// <summary>What an operator is promised, as it stands in Prometheus.</summary>
    private static readonly string[] Promised =
    [
        "push_edge_connections",
        "push_edge_connections_limit",
        "push_edge_joins_total",
        """push_edge_handshakes_total{outcome="accepted"}""",
        """push_edge_handshakes_total{outcome="missing_token"}""",
        """push_edge_handshakes_total{outcome="token"}""",
        """push_edge_handshakes_total{outcome="room"}""",
        """push_api_publications_total{outcome="confirmed"}""",
        """push_api_publications_total{outcome="refused"}""",
        "push_api_confirm_duration_seconds_bucket",
        """push_edge_publications_total{outcome="fanned_out"}""",
        """push_edge_publications_total{outcome="skipped"}""",
        """push_edge_publications_total{outcome="duplicate"}""",
        """push_edge_publications_total{outcome="poison"}""",
        "push_edge_frames_total",
        """push_edge_frames_dropped_total{push_close_code="4101"}""",
        """push_edge_closes_total{push_close_code="1000"}""",
        """push_edge_closes_total{push_close_code="1002"}""",
        """push_edge_closes_total{push_close_code="4101"}""",
        """push_edge_closes_total{push_close_code="4201"}""",
        "push_edge_bytes_total",
        "push_edge_queued_bytes",
        "push_edge_fanout_backlog_bytes",
        """push_edge_delivery_latency_seconds_bucket{le="0.1"}""",
        "push_edge_freshness_seconds_bucket",
        "push_edge_window_age_seconds",
        "push_edge_stream_lag",
        """push_api_heartbeats_total{outcome="recorded"}""",
        """push_api_heartbeats_total{outcome="refused"}""",
        "push_sweeper_sweep_duration_seconds_bucket",
        "push_sweeper_due_total",
        "push_sweeper_expired_total",
        "dotnet_gc_collections_total",
        "dotnet_process_cpu_time_seconds_total",
        "dotnet_thread_pool_thread_count_total",
    ];

    /// <summary>Counters that the run below has no event for.</summary>
    private static readonly string[] ZeroBesides =
    [
        """push_edge_handshakes_total{outcome="full"}""",
        """push_edge_handshakes_total{outcome="draining"}""",
        """push_edge_handshakes_total{outcome="timeout"}""",
        """push_edge_handshakes_total{outcome="origin"}""",
        """push_edge_publications_total{outcome="too_large"}""",
        "push_edge_times_unreadable_total",
        """push_edge_closes_total{push_close_code="1001"}""",
        """push_edge_closes_total{push_close_code="1006"}""",
        """push_edge_closes_total{push_close_code="3000"}""",
        """push_edge_frames_dropped_total{push_close_code="1001"}""",
        """push_api_publications_total{outcome="unconfirmed"}""",
        """push_api_heartbeats_total{outcome="unavailable"}""",
        "push_api_tokens_total",
    ];

    /// <summary>What only a system with a broker has, zero before the first accident.</summary>
    private static readonly string[] OfTheStream =
    [
        """push_stream_epochs_total{reason="created"}""",
        """push_stream_epochs_total{reason="truncated"}""",
        """push_stream_epochs_total{reason="restored"}""",
        """push_stream_republished_total{outcome="stored"}""",
        """push_stream_republished_total{outcome="failed"}""",
    ];

    [Fact]
    public async Task Dashboard_and_rules_ask_for_what_a_running_system_has()
    {
        var site = Enter(system.Topology);
        await using var prometheus = await PrometheusServer.StartAsync(Configuration(system.Topology), Cancelled);
        await using var commotion = new Commotion(site, system.Broker, Cancelled);

        // Rates need samples before and after what they count.
        var commoting = commotion.RunAsync();
        var unanswered = new List<string>();
        try
        {
            await Deadline.UntilAsync(async _ => (unanswered = await UnansweredAsync(prometheus)).Count == 0 || commoting.IsCompleted, Limit, "an answer to every query", Cancelled);
        }
        catch (TimeoutException)
        {
            // The assertion names them.
        }

        await commotion.StopAsync();
        await commoting;
        Assert.Empty(unanswered);

        var names = await prometheus.MetricNamesAsync(Cancelled);
        var rules = await prometheus.RulesAsync(Cancelled);
        Assert.NotEmpty(rules);
        Assert.All(rules, rule =>
        {
            Assert.Equal((rule.Name, "ok", null), (rule.Name, rule.Health, rule.Error));
            Assert.Empty(PromQl.MetricsOf(rule.Expression).Except(names));
        });
        foreach (var latency in new[] { "push_edge_delivery_latency_seconds_bucket", "push_edge_freshness_seconds_bucket" })
        {
            var traces = await prometheus.ExemplarTracesAsync(latency, Cancelled);
            Assert.NotEmpty(traces);
            Assert.Contains(system.Receiver.Spans, span => traces.Contains(span.TraceId));
        }

        Assert.All(Dashboard.Queries(), query => Assert.Empty(PromQl.MetricsOf(query.Expression).Except(names)));
        await AssertAnonymousAsync(commotion.Names);
    }

    [Fact]
    public async Task Counters_are_there_before_their_first_event()
    {
        await using var topology = await Topology.StartAllInOneAsync(new Dictionary<string, string?> { ["OTEL_METRICS_EXPORTER"] = "prometheus" }, cancellationToken: Cancelled);
        Enter(topology);
        using var calls = new PushCalls(topology.Services[0].Metrics);

        var scrape = "";
        await Deadline.UntilAsync(
            async token => (scrape = (await calls.GetAsync("/metrics", token)).Body).Contains("push_sweeper_due_total", StringComparison.Ordinal), Limit, "the Sweeper has begun", Cancelled);

        var lines = scrape.Split('\n').Where(line => line.StartsWith("push_", StringComparison.Ordinal)).Select(line => Scope().Replace(line, "")).ToArray();
        Assert.All(
            Promised.Where(name => name.Contains("_total", StringComparison.Ordinal) && name.StartsWith("push_", StringComparison.Ordinal)).Concat(ZeroBesides),
            name => Assert.Contains(lines, line => line.StartsWith($"{name} 0", StringComparison.Ordinal) || line.StartsWith($"{name}{{}} 0", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Metrics_are_on_a_listener_of_their_own_which_serves_nothing_else()
    {
        var topology = Enter(system.Topology).Topology;
        foreach (var service in topology.Services)
        {
            using var own = new PushCalls(service.Metrics);
            Assert.Equal(200, (await own.GetAsync("/metrics", Cancelled)).Status);
            foreach (var path in (string[])["/", "/metrics/", "/metrics/x", "/health", "/health/ready", "/get/token?deviceId=me", "/presence/users", "/docs", "/ws"])
            {
                Assert.Equal((path, 404), (path, (await own.GetAsync(path, Cancelled)).Status));
            }

            using var publicCalls = new PushCalls(service.Address);
            foreach (var path in (string[])["/metrics", "/metrics/", "/Metrics", "/.//metrics", "/%6detrics", "/x/../metrics", "/ws/metrics", "/info", "/debug", "/healthz"])
            {
                var answer = await publicCalls.GetAsync(path, Cancelled);
                Assert.NotEqual(200, answer.Status);
                Assert.DoesNotContain("target_info", answer.Body, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Promtool_has_nothing_to_object_to()
    {
        foreach (var arguments in new[] { ["check", "config", "deploy/prometheus/prometheus.yml"], new[] { "check", "rules", Rules }, ["test", "rules", "deploy/prometheus/tests/push.yml"] })
        {
            var (exitCode, said) = await PrometheusServer.PromtoolAsync([.. arguments[..2], Path.Combine(SolutionFolder.Root, arguments[2])]);
            Assert.True(exitCode == 0, said);
        }
    }

    private static async Task<List<string>> UnansweredAsync(PrometheusServer prometheus)
    {
        var unanswered = new List<string>();
        foreach (var (panel, expression, legend) in Dashboard.Queries().Concat(Promised.Concat(OfTheStream).Select(selector => ("promised", selector, Array.Empty<string>()))))
        {
            var series = await prometheus.QueryAsync(expression, Cancelled);
            if (!series.Any(one => double.IsFinite(one.Value) && legend.All(one.Labels.ContainsKey)))
            {
                unanswered.Add($"{panel}: {expression}: {series.Count} series");
            }
        }

        // Some rules ask for what others record, a moment later.
        var names = await prometheus.MetricNamesAsync(Cancelled);
        var rules = await prometheus.RulesAsync(Cancelled);
        unanswered.AddRange(rules.SelectMany(rule => PromQl.MetricsOf(rule.Expression)).Except(names).Select(name => $"rules: {name}"));
        return unanswered;
    }

    /// <summary>No label tells who took part: not by its name, not by its value.</summary>
    private async Task AssertAnonymousAsync(IReadOnlyList<string> names)
    {
        foreach (var service in system.Topology.Services)
        {
            using var calls = new PushCalls(service.Metrics);
            var scrape = (await calls.GetAsync("/metrics", Cancelled)).Body;
            Assert.Contains("target_info", scrape, StringComparison.Ordinal);
            Assert.DoesNotMatch(MintedToken.Any(), scrape);
            Assert.DoesNotContain(names, name => scrape.Contains(name, StringComparison.Ordinal));
            var own = scrape.Split('\n').Where(line => line.StartsWith("push_", StringComparison.Ordinal)).SelectMany(line => Label().Matches(line)).ToArray();
            Assert.All(own, label => Assert.Contains(label.Groups[1].Value, (string[])["outcome", "reason", "push_close_code", "error_type", "le", "otel_scope_name"]));
        }
    }

    /// <summary>The jobs of the provisioned configuration, with the addresses of this system, and its rules.</summary>
    private static string Configuration(Topology topology)
    {
        var jobs = topology.Services.GroupBy(service => service.Name.Split('-')[0]).Select(job => $$"""
              - job_name: push-{{job.Key}}
                static_configs: [{targets: [{{string.Join(", ", job.Select(service => string.Create(CultureInfo.InvariantCulture, $"'{service.Metrics.Authority}'")))}}]}]
            """);
        return $"""
            global: {"{"}scrape_interval: 1s, evaluation_interval: 1s{"}"}
            rule_files: ['{Path.Combine(SolutionFolder.Root, Rules)}']
            scrape_configs:
            {string.Join('\n', jobs)}
            """;
    }

    [GeneratedRegex("""otel_scope_name="[^"]*",?""")]
    private static partial Regex Scope();

    [GeneratedRegex("""[{,](\w+)=""")]
    private static partial Regex Label();
}
