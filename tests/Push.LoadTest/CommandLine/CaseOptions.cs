using Push.LoadTest.Cases;
using Push.LoadTest.Results;
using Push.LoadTest.Targets;

namespace Push.LoadTest.CommandLine;

/// <summary>Which cases, and how large.</summary>
internal sealed class CaseOptions(Options options)
{
    private readonly int? _connections = options.Whole("connections");
    private readonly int? _rooms = options.Whole("rooms");
    private readonly double? _rate = options.Number("rate");
    private readonly int? _inFlight = options.Whole("in-flight");
    private readonly int? _messages = options.Whole("messages");
    private readonly int? _bytes = options.Whole("bytes");
    private readonly double? _warmUp = options.Number("warm-up");
    private readonly double? _seconds = options.Number("seconds");
    private readonly string? _output = options.Text("out");
    private readonly int? _subscriberProcesses = options.Whole("subscribers");

    /// <summary>The cases by name, or <paramref name="otherwise"/>.</summary>
    /// <exception cref="UsageException">There is no such case.</exception>
    public IReadOnlyList<LoadCase> Cases(IEnumerable<LoadCase> otherwise)
    {
        var names = options.Words.SelectMany(w => w.Split(',')).ToList();
        return names is [] or ["all"]
            ? [.. otherwise]
            : [.. names.Select(name => LoadCases.All.FirstOrDefault(c => c.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? throw new UsageException($"no case {name}; there are {string.Join(", ", LoadCases.All.Select(c => c.Name))}"))];
    }

    /// <summary>A case's definition with what the command line changes.</summary>
    public CaseParameters Parameters(CaseParameters defaults) => defaults with
    {
        Connections = _connections ?? defaults.Connections,
        Rooms = _rooms ?? defaults.Rooms,
        Rate = _rate ?? defaults.Rate,
        InFlight = _inFlight ?? defaults.InFlight,
        Messages = _messages ?? defaults.Messages,
        PayloadBytes = _bytes ?? defaults.PayloadBytes,
        WarmUpSeconds = _warmUp ?? defaults.WarmUpSeconds,
        Seconds = _seconds ?? defaults.Seconds,
    };

    /// <summary>Runs a case under a progress line and files its result; one that fails does not keep the next from running.</summary>
    public async Task RunAsync(LoadCase loadCase, Target target, string title, ResultFile file, CancellationToken cancellationToken)
    {
        try
        {
            file.Results.Add(await CaseProgress.ShowAsync(title, progress => loadCase.RunAsync(new CaseContext
            {
                CaseName = loadCase.Name,
                Target = target,
                Parameters = Parameters(loadCase.Defaults),
                SubscriberProcesses = _subscriberProcesses ?? 1,
                Progress = progress,
                CancellationToken = cancellationToken,
            })));
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException or HttpRequestException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            file.Failures.Add($"{title}: {e.Message}");
        }

        if (_output is not null)
        {
            file.Write(_output);
        }
    }
}
