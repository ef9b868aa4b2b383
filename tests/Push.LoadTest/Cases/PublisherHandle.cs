using Push.LoadTest.Processes;
using Push.LoadTest.Publishing;

namespace Push.LoadTest.Cases;

/// <summary>The publisher process of a session.</summary>
internal sealed class PublisherHandle : IAsyncDisposable
{
    private readonly WorkerProcess _process = new(PublisherProcess.Verb);

    public ProcessRole Role => new("publisher", [_process.Id]);

    /// <summary>Returns when the publisher is ready to hear from subscribers.</summary>
    public async Task StartAsync(PublisherSetup setup, CancellationToken cancellationToken)
    {
        await _process.WriteAsync(setup, LoadTestJson.Default.PublisherSetup);
        await _process.ReadAsync(LoadTestJson.Default.PublishReport, cancellationToken);
    }

    /// <summary>Carries out a plan to its end.</summary>
    public async Task<PublishReport> RunAsync(PublishPlan plan, CancellationToken cancellationToken)
    {
        await _process.WriteAsync(plan, LoadTestJson.Default.PublishPlan);
        return await _process.ReadAsync(LoadTestJson.Default.PublishReport, cancellationToken);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
