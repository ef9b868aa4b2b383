using Push.LoadTest.Native;
using Push.LoadTest.Publishing;
using Push.LoadTest.Results;

namespace Push.LoadTest.Cases;

/// <summary>How fast an Edge reads past messages of rooms that it has no member of: it is stopped while they are published, then catches up to a message for somebody.</summary>
internal sealed class SkipCase : LoadCase
{
    private const int AtOnce = 256;
    private const double MaxPublishSeconds = 60;

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1);

    public override string Name => "skip";

    public override string Description => "reading past 50,000 messages of rooms without members, after a pause (needs the Edge's process id)";

    public override CaseParameters Defaults => new() { Connections = 1, Rooms = 1, Messages = 50_000 };

    public override async Task<CaseResult> RunAsync(CaseContext context)
    {
        var edge = context.Target.Roles.FirstOrDefault(r => r.Name == context.Target.PrimaryRole)
            ?? throw new InvalidOperationException("skip has to pause the Edge: name its process with --pid edge=…");
        var names = SessionLayout.NewNames();
        await using var session = await LoadSession.OpenAsync(context, new SessionLayout([new(names(0), 0, Members: 1)], Lanes: 1));
        var marker = new PublishPlan
        {
            Mode = PublishMode.Flood,
            Rooms = session.Rooms,
            Lanes = 1,
            Count = 1,
            Seconds = MaxPublishSeconds,
            Measured = false,
            PayloadBytes = context.Parameters.PayloadBytes,
        };
        await session.PublishAsync("warming up", marker);
        await session.DeliveredAsync();

        PublishReport skipped;
        PublishReport published;
        JobControl.Pause(edge.Processes);
        try
        {
            skipped = await session.PublishAsync("publishing past the paused Edge", marker with
            {
                Rooms = [.. Enumerable.Range(1, 100).Select(i => new PublishRoom(names(i), i, Members: 0))],
                Lanes = AtOnce,
                Count = context.Parameters.Messages,
            });
            published = await session.PublishAsync("publishing to somebody", marker with { Measured = true });
            await Task.Delay(Settle, context.CancellationToken);
        }
        finally
        {
            JobControl.Continue(edge.Processes);
        }

        var start = session.Sample();
        await session.DeliveredAsync();
        var end = session.Sample();
        var seconds = MonotonicClock.Seconds(session.Fleet.Totals.LastDeliveryAt - start.Time);
        var result = await session.ResultAsync(start, end, published);
        result.Figures["skipped/s"] = skipped.Confirmed / seconds;
        result.Figures["CPU µs a skipped message"] = result.Roles[edge.Name].CpuSeconds / skipped.Confirmed * 1e6;
        return result with { Seconds = seconds, Latency = null, Roles = start.Until(end, deliveries: 0) };
    }
}
