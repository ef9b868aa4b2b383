using Push.LoadTest.Cases;
using Push.LoadTest.Publishing;
using Push.LoadTest.Targets;

namespace Push.LoadTest.Capacity;

/// <summary>Measures fresh Edges under a load.</summary>
internal sealed class CapacityProbe(PushServices services, double seconds, CancellationToken cancellationToken)
{
    private const double WarmUpSeconds = 5;

    public Task<EdgeUse> MeasureAsync(int edges, EdgeLoad load)
    {
        var title = $"{edges} Edge(s), {load.Connections:N0} connections, {load.DeliveriesPerSecond:N0} deliveries/s";
        return CaseProgress.ShowAsync(title, progress => MeasureAsync(edges, load, progress));
    }

    private async Task<EdgeUse> MeasureAsync(int edges, EdgeLoad load, CaseProgress progress)
    {
        await using var target = await services.StartTargetAsync(PublisherKind.PushHttp, edges, cancellationToken);
        var context = new CaseContext
        {
            CaseName = "capacity",
            Target = target,
            Parameters = new() { Rate = load.MessagesPerSecond, WarmUpSeconds = WarmUpSeconds },
            Progress = progress,
            CancellationToken = cancellationToken,
        };
        await using var session = await LoadSession.OpenAsync(
            context, new SessionLayout(SessionLayout.Even(load.Connections, load.Rooms), Lanes: 1, ConnectionsPerToken: 20));
        var plan = PublishPlan.WarmUp(PublishMode.Paced, session.Rooms, context.Parameters);
        await RunAsync(session, plan);
        var start = session.Sample();
        await RunAsync(session, plan with { Seconds = seconds, Measured = true });
        var end = session.Sample();
        if (session.Fleet.Totals.Missing > 0)
        {
            throw new InvalidOperationException($"{session.Fleet.Totals.Missing} messages were lost");
        }

        var (before, after) = (start.Roles[target.PrimaryRole], end.Roles[target.PrimaryRole]);
        return new EdgeUse(load, (after.CpuSeconds - before.CpuSeconds) / end.SecondsSince(start), after.RssBytes);
    }

    private async Task RunAsync(LoadSession session, PublishPlan plan)
    {
        if (plan.Rate == 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(plan.Seconds), cancellationToken);
            return;
        }

        await session.PublishAsync("publishing", plan);
        await session.DeliveredAsync();
    }
}
