using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;

namespace Push.Messaging.RabbitMq;

/// <summary>What happens to the stream itself, counted by whoever mends it.</summary>
internal sealed class StreamMetrics : IHostedService
{
    public const string MeterName = "Push.Bus";
    public const string EpochsName = "push.stream.epochs";
    public const string RepublishedName = "push.stream.republished";

    /// <summary>Tag: why an epoch began; whether a publication could be stored again.</summary>
    public const string ReasonTag = "reason";

    /// <summary>Tag: <c>stored</c> or <c>failed</c>.</summary>
    public const string OutcomeTag = "outcome";

    private readonly Counter<long> _epochs;
    private readonly Counter<long> _republished;

    public StreamMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(MeterName);
        _epochs = meter.CreateCounter<long>(EpochsName, "{epoch}", "Epochs of the stream that this process began: it was made, lost its end, or another stands in its place.");
        _republished = meter.CreateCounter<long>(RepublishedName, "{publication}", "Confirmed publications that were published once more because the stream may have lost them.");
    }

    /// <summary>Makes every series appear as zero, once somebody listens.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var reason in Enum.GetValues<EpochReason>())
        {
            _epochs.Add(0, Reason(reason));
        }

        _republished.Add(0, Outcome(stored: true));
        _republished.Add(0, Outcome(stored: false));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    internal void EpochBegun(EpochReason reason) => _epochs.Add(1, Reason(reason));

    internal void Republished(bool stored) => _republished.Add(1, Outcome(stored));

    private static KeyValuePair<string, object?> Reason(EpochReason reason) => new(ReasonTag, reason switch
    {
        EpochReason.Created => "created",
        EpochReason.Truncated => "truncated",
        _ => "restored",
    });

    private static KeyValuePair<string, object?> Outcome(bool stored) => new(OutcomeTag, stored ? "stored" : "failed");
}
