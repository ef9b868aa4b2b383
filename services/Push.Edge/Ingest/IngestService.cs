using Push.Contracts;
using Push.Messaging;

namespace Push.Edge.Ingest;

/// <summary>Reads the stream for as long as the Edge runs, and hands each record to the pipeline.</summary>
internal sealed partial class IngestService(
    IPublicationSource source,
    PublicationPipeline pipeline,
    EdgeReadiness readiness,
    IHostApplicationLifetime lifetime,
    ILogger<IngestService> logger) : BackgroundService, IPublicationHandler
{
    public void Attached() => readiness.StreamAttached();

    public void Detached() => readiness.StreamLost();

    public bool TryHandle(in PublicationRecord record)
    {
        try
        {
            pipeline.Handle(record);
            return true;
        }
        catch (TimeoutException e)
        {
            // Going on would lose this one for whoever waits; clients are better off with another Edge.
            LogStalled(e);
            lifetime.StopApplication();
            return false;
        }
        catch (Exception e)
        {
            // A defect of ours, not of the record's: the ones behind it must not suffer.
            LogFailed(e, record.Position);
            return true;
        }
    }

    public void Remember(in PublicationRecord record) => pipeline.Remember(record);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => source.ReadAsync(this, stoppingToken);

    [LoggerMessage(EventIds.FanoutStalled, LogLevel.Critical, "The fan-out stands still: stopping this Edge, so that clients find another one")]
    private partial void LogStalled(Exception exception);

    [LoggerMessage(EventIds.PublicationFailed, LogLevel.Error, "The publication at {Position} could not be handled")]
    private partial void LogFailed(Exception exception, StreamPosition position);
}
