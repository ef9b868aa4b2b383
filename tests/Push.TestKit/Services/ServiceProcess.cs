using Push.TestKit.Network;
using Push.TestKit.Processes;

namespace Push.TestKit.Services;

/// <summary>One of Push's services as a process of its own, as an operator runs it.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromMinutes(3);

    private readonly ChildProcess _process;

    private ServiceProcess(ChildProcess process, Uri address, Uri metrics)
    {
        _process = process;
        Address = address;
        Metrics = metrics;
    }

    public string Name => _process.Name;

    public Uri Address { get; }

    /// <summary>Where its metrics are served, if <c>OTEL_METRICS_EXPORTER</c> asks for that.</summary>
    public Uri Metrics { get; }

    public ProcessLog Log => _process.Log;

    public int Id => _process.Id;

    /// <summary>Starts a service without waiting for it.</summary>
    /// <param name="name">Tells the instances of one service apart in messages.</param>
    /// <param name="project">As <see cref="ServiceBuild.AssemblyOf"/> takes it.</param>
    /// <param name="address">Where its health is served.</param>
    /// <param name="settings">Configuration, keys with colons.</param>
    /// <param name="arguments">Besides, on the command line.</param>
    /// <param name="folder">In which it is started.</param>
    public static ServiceProcess Launch(string name, string project, Uri address, IEnumerable<KeyValuePair<string, string?>> settings, IEnumerable<string>? arguments = null, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var environment = new Dictionary<string, string?>();
        foreach (var (key, value) in settings)
        {
            environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        // A developer's own settings would change what is tested.
        environment.TryAdd("ASPNETCORE_URLS", null);
        environment.TryAdd("ASPNETCORE_ENVIRONMENT", null);
        environment.TryAdd("DOTNET_ENVIRONMENT", null);
        environment.TryAdd("DOTNET_gcServer", "0");
        foreach (var key in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(key => key.StartsWith("OTEL_", StringComparison.Ordinal)))
        {
            environment.TryAdd(key, null);
        }

        // By default all services of a machine have the same one.
        var metrics = new Uri($"http://{ServerAddress.Loopback(FreePort.Take())}");
        environment.TryAdd("Metrics__Url", metrics.GetLeftPart(UriPartial.Authority));
        return new ServiceProcess(ChildProcess.Start(name, "dotnet", [ServiceBuild.AssemblyOf(project), .. arguments ?? []], environment, folder), address, metrics);
    }

    /// <summary>Waits until the service says that it is ready.</summary>
    public Task ReadyAsync(CancellationToken cancellationToken = default) => AnswersAsync("/health/ready", cancellationToken);

    /// <summary>Waits until the service answers 200 on <paramref name="path"/>; its end or the deadline is a failure that shows its log.</summary>
    public async Task AnswersAsync(string path, CancellationToken cancellationToken = default)
    {
        // Its certificate, where it has one, is the test's own.
        using var trusting = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var http = new HttpClient(trusting) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            await Deadline.UntilAsync(probing => IsOkAsync(http, path, probing), ReadyLimit, $"{path} of {Name} at {Address}", cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            throw new InvalidOperationException($"{e.Message}{Environment.NewLine}{Log.Tail()}", e);
        }
    }

    /// <summary>As a crash.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>As an orchestrator does it: SIGTERM, and time to drain.</summary>
    public Task StopAsync(TimeSpan grace) => _process.StopAsync(grace);

    /// <summary>Sends a signal by its name without <c>SIG</c>.</summary>
    public Task SignalAsync(string signal, CancellationToken cancellationToken = default) => _process.SignalAsync(signal, cancellationToken);

    /// <summary>Waits until it ends by itself and has printed all; gives its exit code.</summary>
    public Task<int> WaitForExitAsync(TimeSpan limit) => _process.WaitForExitAsync(limit);

    public Task PauseAsync(CancellationToken cancellationToken = default) => _process.PauseAsync(cancellationToken);

    public Task ResumeAsync(CancellationToken cancellationToken = default) => _process.ResumeAsync(cancellationToken);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task<bool> IsOkAsync(HttpClient http, string path, CancellationToken cancellationToken)
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"{Name} ended before it answered");
        }

        try
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
