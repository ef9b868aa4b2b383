using System.Collections.Concurrent;
using System.Diagnostics;
using OpenTelemetry;

namespace Push.IntegrationTests.ServiceDefaults;

/// <summary>Keeps every tag and event of the spans that would be exported.</summary>
internal sealed class CapturedSpans : BaseProcessor<Activity>
{
    private readonly ConcurrentQueue<string> _spans = new();

    public IReadOnlyCollection<string> Spans => _spans;

    public override void OnEnd(Activity data) =>
        _spans.Enqueue($"{data.Source.Name} {data.OperationName} {data.DisplayName} {data.StatusDescription} "
            + $"{string.Join(' ', data.TagObjects)} {string.Join(' ', data.Baggage)} {string.Join(' ', data.Events.SelectMany(e => e.Tags))}");
}
