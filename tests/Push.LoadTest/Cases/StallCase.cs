using Push.LoadTest.Processes;
using Push.LoadTest.Publishing;
using Push.LoadTest.Results;

namespace Push.LoadTest.Cases;

/// <summary>1 % of a room stop reading: what that costs the others, and what each of them holds until it is closed.</summary>
internal sealed class StallCase : LoadCase
{
    private static readonly TimeSpan SampleInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    // Long enough for buffers and queue to fill; a close frame that nobody reads for 5 s is not waited for any longer.
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(4);

    public override string Name => "stall";

    public override string Description => "one room of 1,000, 100 messages/s of 1,000 bytes, first all reading, then 1 % not for 4 s";

    public override CaseParameters Defaults => new() { Connections = 1_000, Rate = 100, PayloadBytes = 1_000, Seconds = 10 };

    public override async Task<CaseResult> RunAsync(CaseContext context)
    {
        var parameters = context.Parameters;
        var stalling = Math.Max(1, parameters.Connections / 100);
        var name = SessionLayout.NewNames()(0);
        var plan = PublishPlan.WarmUp(PublishMode.Paced, [new PublishRoom(name, 0, parameters.Connections - stalling)], parameters);
        var layout = new SessionLayout([new(name, 0, parameters.Connections - stalling, stalling)], Lanes: 1);

        CaseResult calm;
        await using (var session = await LoadSession.OpenAsync(context, layout))
        {
            await session.PublishAsync("warming up", plan);
            await session.DeliveredAsync();
            calm = await MeasureAsync(session, plan, parameters.Seconds);
        }

        await using var stalled = await LoadSession.OpenAsync(context, layout);
        await stalled.PublishAsync("warming up", plan);
        await stalled.DeliveredAsync();
        await stalled.Fleet.TellAsync(Subscribing.SubscriberVerb.Stall);
        await using var queues = new SendQueues(context.Target.EndPoints, SampleInterval);
        var resuming = ResumeAsync(stalled, context.CancellationToken);
        var result = await MeasureAsync(stalled, plan, parameters.Seconds);
        await resuming;
        await Task.Delay(Farewell, context.CancellationToken);
        var closes = stalled.Fleet.Totals.Closes;

        result.Figures["p99 ms without stalling"] = calm.Latency?.P99 ?? 0;
        result.Figures["p99 ratio"] = (result.Latency?.P99 ?? 0) / (calm.Latency?.P99 ?? 1);
        result.Figures["kernel KB a stalled socket, at most"] = queues.MaxBytes / 1024.0;
        if (result.Roles.TryGetValue(result.PrimaryRole, out var usage))
        {
            result.Figures["RSS growth KB a stalled connection"] = usage.RssGrowthBytes / 1024.0 / stalling;
        }

        return result with { Closes = closes };
    }

    /// <summary>Reading again, they find why they were closed, unless they have been cut.</summary>
    private static async Task ResumeAsync(LoadSession session, CancellationToken cancellationToken)
    {
        await Task.Delay(Stall, cancellationToken);
        await session.Fleet.TellAsync(Subscribing.SubscriberVerb.Resume);
    }

    private static async Task<CaseResult> MeasureAsync(LoadSession session, PublishPlan plan, double seconds)
    {
        var start = session.Sample();
        var published = await session.PublishAsync("measuring", plan with { Seconds = seconds, Measured = true });
        await session.DeliveredAsync();
        return await session.ResultAsync(start, session.Sample(), published);
    }
}
