using Push.LoadTest.Processes;
using Push.LoadTest.Subscribing;

namespace Push.LoadTest.Cases;

/// <summary>All subscriber processes of a session, seen as one.</summary>
internal sealed class SubscriberFleet : IAsyncDisposable
{
    private readonly WorkerProcess[] _processes;
    private readonly SubscriberReport[] _latest;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _reporting = new();
    private Task[] _reading = [];
    private TaskCompletionSource _changed = NewSignal();

    public SubscriberFleet(int processes)
    {
        _processes = [.. Enumerable.Range(0, processes).Select(_ => new WorkerProcess(SubscriberProcess.Verb))];
        _latest = [.. _processes.Select(_ => new SubscriberReport { Kind = SubscriberReportKind.Progress })];
    }

    /// <summary>How many processes.</summary>
    public int Count => _processes.Length;

    public ProcessRole Role => new("subscribers", [.. _processes.Select(p => p.Id)]);

    /// <summary>The latest counts of all processes together.</summary>
    public SubscriberReport Totals
    {
        get
        {
            lock (_reporting)
            {
                return Sum(_latest);
            }
        }
    }

    /// <summary>Connects; returns when every connection is joined or refused.</summary>
    public async Task<SubscriberReport> ConnectAsync(IReadOnlyList<SubscriberPlan> plans, Action<SubscriberReport> progress, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _processes.Length; i++)
        {
            await _processes[i].WriteAsync(plans[i], LoadTestJson.Default.SubscriberPlan);
        }

        _reading = [.. Enumerable.Range(0, _processes.Length).Select(ReadAsync)];
        return await WhenAsync(all => all.All(r => r.ConnectSeconds > 0), progress, cancellationToken);
    }

    public async Task TellAsync(SubscriberVerb verb, double value = 0)
    {
        foreach (var process in _processes)
        {
            await process.WriteAsync(new SubscriberCommand(verb, value / _processes.Length), LoadTestJson.Default.SubscriberCommand);
        }
    }

    /// <summary>All counts with latencies.</summary>
    public async Task<SubscriberReport> ReportAsync(CancellationToken cancellationToken)
    {
        lock (_reporting)
        {
            for (var i = 0; i < _latest.Length; i++)
            {
                _latest[i] = _latest[i] with { Kind = SubscriberReportKind.Progress, Latencies = null };
            }
        }

        await TellAsync(SubscriberVerb.Report);
        return await WhenAsync(all => all.All(r => r.Latencies is not null), _ => { }, cancellationToken);
    }

    /// <summary>Waits until the processes' reports satisfy <paramref name="condition"/>.</summary>
    public async Task<SubscriberReport> WhenAsync(
        Func<IReadOnlyList<SubscriberReport>, bool> condition, Action<SubscriberReport> progress, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_reporting)
            {
                var totals = Sum(_latest);
                progress(totals);
                if (condition(_latest))
                {
                    return totals;
                }

                changed = _changed.Task;
            }

            await (await Task.WhenAny([changed, .. _reading]).WaitAsync(cancellationToken));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        await Task.WhenAll(_reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task ReadAsync(int index)
    {
        while (true)
        {
            var report = await _processes[index].ReadAsync(LoadTestJson.Default.SubscriberReport, _stop.Token);
            lock (_reporting)
            {
                // A full report stays until the next one is asked for.
                _latest[index] = report with
                {
                    Latencies = report.Latencies ?? _latest[index].Latencies,
                    ConnectTimes = report.ConnectTimes ?? _latest[index].ConnectTimes,
                };
                _changed.TrySetResult();
                _changed = NewSignal();
            }
        }
    }

    private static SubscriberReport Sum(IReadOnlyList<SubscriberReport> reports) => new()
    {
        Kind = SubscriberReportKind.Full,
        Open = reports.Sum(r => r.Open),
        Refused = reports.Sum(r => r.Refused),
        ConnectSeconds = reports.Max(r => r.ConnectSeconds),
        Measured = reports.Sum(r => r.Measured),
        Delivered = reports.Sum(r => r.Delivered),
        Duplicates = reports.Sum(r => r.Duplicates),
        Reordered = reports.Sum(r => r.Reordered),
        Missing = reports.Sum(r => r.Missing),
        Misdelivered = reports.Sum(r => r.Misdelivered),
        Foreign = reports.Sum(r => r.Foreign),
        ToStalling = reports.Sum(r => r.ToStalling),
        LastDeliveryAt = reports.Max(r => r.LastDeliveryAt),
        Replaced = reports.Sum(r => r.Replaced),
        Closes = reports.SelectMany(r => r.Closes).GroupBy(c => c.Key).ToDictionary(g => g.Key, g => g.Sum(c => c.Value)),
        Latencies = Merge(reports.Select(r => r.Latencies)),
        ConnectTimes = Merge(reports.Select(r => r.ConnectTimes)),
        FirstRefusal = reports.Select(r => r.FirstRefusal).FirstOrDefault(r => r is not null),
    };

    private static long[]? Merge(IEnumerable<long[]?> all)
    {
        long[] pairs = [.. all.SelectMany(p => p ?? [])];
        return pairs.Length == 0 ? null : pairs;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
