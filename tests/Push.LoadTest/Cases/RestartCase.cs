using System.Net;
using Push.LoadTest.Native;
using Push.LoadTest.Publishing;
using Push.LoadTest.Results;
using Push.TestKit;

namespace Push.LoadTest.Cases;

/// <summary>How soon after its broker an Edge is back at the stream's end, where the stream holds many messages.</summary>
internal sealed class RestartCase : LoadCase
{
    private const int AtOnce = 256;
    private const double MaxPublishSeconds = 60;

    private static readonly TimeSpan BackLimit = TimeSpan.FromSeconds(60);

    public override string Name => "restart";

    public override string Description => "the broker is restarted with 50,000 messages in the stream: when the Edge reads and delivers again (needs --start all)";

    public override CaseParameters Defaults => new() { Connections = 1, Rooms = 1, Messages = 50_000 };

    public override async Task<CaseResult> RunAsync(CaseContext context)
    {
        var restart = context.Target.RestartBroker ?? throw new InvalidOperationException("restart has to restart the broker: it needs --start all");

        // The broker comes back as another process: its use is not followed.
        context = context with { Target = context.Target with { Roles = [.. context.Target.Roles.Where(role => role.Name != "broker")] } };
        var names = SessionLayout.NewNames();
        await using var session = await LoadSession.OpenAsync(context, new SessionLayout([new(names(0), 0, Members: 1)], Lanes: 1));
        var plan = new PublishPlan
        {
            Mode = PublishMode.Flood,
            Rooms = [new PublishRoom(names(1), 1, Members: 0)],
            Lanes = AtOnce,
            Count = context.Parameters.Messages,
            Seconds = MaxPublishSeconds,
            Measured = false,
            PayloadBytes = context.Parameters.PayloadBytes,
        };
        await session.PublishAsync("filling the stream", plan);

        context.Progress.Phase("restarting the broker");
        await restart(context.CancellationToken);
        var start = session.Sample();
        context.Progress.Phase("waiting for Edge and Api");
        using var client = new HttpClient();
        var isReady = (string endPoint) => new Func<CancellationToken, Task<bool>>(async token =>
        {
            using var answer = await client.GetAsync(new Uri($"http://{endPoint}/health/ready"), token);
            return answer.StatusCode == HttpStatusCode.OK;
        });
        await Deadline.UntilAsync(isReady(context.Target.EndPoints[0]), BackLimit, "the Edge reads again", context.CancellationToken);
        var reading = MonotonicClock.Now;
        await Deadline.UntilAsync(isReady(context.Target.Api!.Authority), BackLimit, "the Api publishes again", context.CancellationToken);

        var published = await session.PublishAsync("publishing to somebody", plan with { Rooms = session.Rooms, Lanes = 1, Count = 1, Measured = true });
        await session.DeliveredAsync();
        var delivered = session.Fleet.Totals.LastDeliveryAt;
        var result = await session.ResultAsync(start, session.Sample(), published);
        result.Figures["s to the stream's end"] = MonotonicClock.Seconds(reading - start.Time);
        result.Figures["s to the first delivery"] = MonotonicClock.Seconds(delivered - start.Time);
        return result;
    }
}
