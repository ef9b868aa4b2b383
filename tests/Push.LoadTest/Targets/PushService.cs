using Push.TestKit.Network;
using Push.TestKit.Processes;

namespace Push.LoadTest.Targets;

/// <summary>One service's process, from the output of the configuration in which this tool was built.</summary>
internal sealed class PushService : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly HttpClient _client;

    private PushService(ChildProcess process, int port, int metricsPort)
    {
        _process = process;
        Port = port;
        Metrics = new Uri($"http://127.0.0.1:{metricsPort}/metrics");
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    public string Name => _process.Name;

    public int Id => _process.Id;

    public int Port { get; }

    /// <summary>Its metrics, where <c>OTEL_METRICS_EXPORTER=prometheus</c> is set.</summary>
    public Uri Metrics { get; }

    public static PushService Start(string project, IReadOnlyDictionary<string, string?> settings) =>
        Start(project, [Assembly(project)], settings);

    /// <summary>This tool in the role of a service.</summary>
    public static PushService StartRole(string verb, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> settings) =>
        Start(verb, [typeof(PushService).Assembly.Location, verb, .. arguments], settings);

    /// <exception cref="InvalidOperationException">It has ended; with the end of its log.</exception>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"{_process.Name} ended: {_process.Log.Tail()}");
        }

        try
        {
            using var answer = await _client.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _process.DisposeAsync();
    }

    private static PushService Start(string name, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> settings)
    {
        var (port, metricsPort) = (FreePort.Take(), FreePort.Take());
        var environment = new Dictionary<string, string?>(settings) { ["Listen__Url"] = $"http://127.0.0.1:{port}", ["Metrics__Url"] = $"http://127.0.0.1:{metricsPort}" };
        return new PushService(ChildProcess.Start(name, "dotnet", arguments, environment), port, metricsPort);
    }

    // …/tests/Push.LoadTest/bin/Release/net10.0 → …/services/Push.Edge/bin/Release/net10.0
    private static string Assembly(string project)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = output.Parent!;
        var root = configuration.Parent!.Parent!.Parent!.Parent!;
        var assembly = Path.Combine(root.FullName, "services", project, "bin", configuration.Name, output.Name, $"{project}.dll");
        return File.Exists(assembly) ? assembly : throw new InvalidOperationException($"{assembly} is missing: build Push.sln in {configuration.Name} first");
    }
}
