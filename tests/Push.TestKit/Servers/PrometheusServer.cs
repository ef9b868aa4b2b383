using System.Globalization;
using System.Text.Json;
using Push.TestKit.Network;
using Push.TestKit.Processes;

namespace Push.TestKit.Servers;

/// <summary>A real Prometheus with data, configuration and port of its own.</summary>
public sealed class PrometheusServer : IAsyncDisposable
{
    private const string Remedy = "The tests need Prometheus and its promtool: install prometheus (apt-get install prometheus, brew install prometheus).";

    private static readonly TimeSpan CheckLimit = TimeSpan.FromSeconds(30);

    private readonly ProgramHost _host;
    private readonly HttpClient _http;

    private PrometheusServer(ProgramHost host)
    {
        _host = host;
        _http = new HttpClient { BaseAddress = new Uri($"http://{host.Address}"), Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>Starts one with this content of <c>prometheus.yml</c>.</summary>
    public static async Task<PrometheusServer> StartAsync(string configuration, CancellationToken cancellationToken = default)
    {
        var program = ProgramPath.Find("prometheus") ?? throw new InvalidOperationException(Remedy);
        var folder = new PrivateFolder("prometheus");
        var address = ServerAddress.Loopback(FreePort.Take());
        string[] arguments =
        [
            $"--config.file={folder.Write("prometheus.yml", configuration)}", $"--storage.tsdb.path={folder.Subfolder("data")}", $"--web.listen-address={address}",
            "--enable-feature=exemplar-storage",
        ];
        var host = new ProgramHost(
            address,
            folder,
            () => ChildProcess.Start("prometheus", program, arguments, new Dictionary<string, string?>()),
            token => IsReadyAsync(new Uri($"http://{address}/-/ready"), token));
        var server = new PrometheusServer(host);
        try
        {
            await host.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>What <c>promtool</c> says, with its exit code: 0 where it has nothing to object to.</summary>
    public static async Task<(int ExitCode, string Said)> PromtoolAsync(params string[] arguments)
    {
        var program = ProgramPath.Find("promtool") ?? throw new InvalidOperationException(Remedy);
        await using var promtool = ChildProcess.Start("promtool", program, arguments, new Dictionary<string, string?>());
        var exitCode = await promtool.WaitForExitAsync(CheckLimit);
        return (exitCode, promtool.Log.Tail());
    }

    /// <summary>Evaluates an expression now, to a value for each combination of labels.</summary>
    /// <exception cref="InvalidOperationException">Prometheus refuses it; with its reason.</exception>
    public async Task<IReadOnlyList<(IReadOnlyDictionary<string, string> Labels, double Value)>> QueryAsync(string expression, CancellationToken cancellationToken = default)
    {
        using var answer = await GetAsync($"/api/v1/query?query={Uri.EscapeDataString(expression)}", cancellationToken);
        return [.. answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(Sample)];
    }

    /// <summary>Every rule that it has loaded: its name, its expression, its health, and why that is bad.</summary>
    public async Task<IReadOnlyList<(string Name, string Expression, string Health, string? Error)>> RulesAsync(CancellationToken cancellationToken = default)
    {
        using var answer = await GetAsync("/api/v1/rules", cancellationToken);
        return
        [
            .. answer.RootElement.GetProperty("data").GetProperty("groups").EnumerateArray()
                .SelectMany(group => group.GetProperty("rules").EnumerateArray())
                .Select(rule => (
                    rule.GetProperty("name").GetString()!,
                    rule.GetProperty("query").GetString()!,
                    rule.GetProperty("health").GetString()!,
                    rule.TryGetProperty("lastError", out var error) ? error.GetString() : null)),
        ];
    }

    /// <summary>The traces to which the exemplars of these series point.</summary>
    public async Task<IReadOnlyList<string>> ExemplarTracesAsync(string selector, CancellationToken cancellationToken = default)
    {
        using var answer = await GetAsync($"/api/v1/query_exemplars?query={Uri.EscapeDataString(selector)}", cancellationToken);
        return
        [
            .. answer.RootElement.GetProperty("data").EnumerateArray()
                .SelectMany(series => series.GetProperty("exemplars").EnumerateArray())
                .Select(exemplar => exemplar.GetProperty("labels").GetProperty("trace_id").GetString()!),
        ];
    }

    /// <summary>The names of everything that it has a sample of.</summary>
    public async Task<IReadOnlySet<string>> MetricNamesAsync(CancellationToken cancellationToken = default)
    {
        using var answer = await GetAsync("/api/v1/label/__name__/values", cancellationToken);
        return answer.RootElement.GetProperty("data").EnumerateArray().Select(name => name.GetString()!).ToHashSet();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
    }

    private static (IReadOnlyDictionary<string, string> Labels, double Value) Sample(JsonElement series) =>
    (
        series.GetProperty("metric").EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!),
        Number(series.GetProperty("value")[1].GetString()!));

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private static async Task<bool> IsReadyAsync(Uri address, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        try
        {
            using var answer = await http.GetAsync(address, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<JsonDocument> GetAsync(string pathAndQuery, CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync(new Uri(pathAndQuery, UriKind.Relative), cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(body) : throw new InvalidOperationException($"{pathAndQuery}: {body}");
    }
}
