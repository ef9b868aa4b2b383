using Push.ServiceDefaults.Bus;

namespace Push.Edge.Consumers;

/// <summary>Feeds the fan-out from the process's own publisher, one publication after the other.</summary>
internal sealed partial class InMemoryReader(
    InMemoryPublications publications,
    PublicationPipeline pipeline,
    EdgeReadiness readiness,
    IHostApplicationLifetime lifetime,
    ILogger<InMemoryReader> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        readiness.StreamAttached();
        await foreach (var publication in publications.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                pipeline.Handle(publication.Request, publication.Trace);
            }
            catch (TimeoutException e)
            {
                // Going on would lose this one for whoever waits.
                LogStalled(e);
                lifetime.StopApplication();
                return;
            }
            catch (Exception e)
            {
                // A defect of ours, not of the publication's: the ones behind it must not suffer.
                LogFailed(e);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Critical, "The fan-out takes nothing any more: stopping, so that clients find another Edge")]
    private partial void LogStalled(Exception exception);

    [LoggerMessage(2, LogLevel.Error, "A publication could not be handled and is skipped")]
    private partial void LogFailed(Exception exception);
}
