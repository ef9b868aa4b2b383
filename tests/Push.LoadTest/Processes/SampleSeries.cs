namespace Push.LoadTest.Processes;

/// <summary>Samples all parts again and again until disposed.</summary>
internal sealed class SampleSeries : IAsyncDisposable
{
    private readonly List<SystemSample> _points = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sampling;

    public SampleSeries(IReadOnlyList<ProcessRole> roles, TimeSpan interval)
    {
        _points.Add(SystemSample.Take(roles));
        _sampling = SampleAsync(roles, interval);
    }

    public IReadOnlyList<SystemSample> Points
    {
        get
        {
            lock (_points)
            {
                return [.. _points];
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sampling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task SampleAsync(IReadOnlyList<ProcessRole> roles, TimeSpan interval)
    {
        using var timer = new PeriodicTimer(interval);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            var sample = SystemSample.Take(roles);
            lock (_points)
            {
                _points.Add(sample);
            }
        }
    }
}
