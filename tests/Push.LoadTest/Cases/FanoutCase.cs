using Push.LoadTest.Processes;
using Push.LoadTest.Publishing;
using Push.LoadTest.Results;

namespace Push.LoadTest.Cases;

/// <summary>Messages to rooms, in closed loop or at a rate: throughput, CPU and latency.</summary>
internal sealed class FanoutCase(string name, string description, PublishMode mode, CaseParameters defaults) : LoadCase
{
    // Until the runtime has compiled anew what is called often, it does so on the cores that are measured: F2's p99 is half as high again meanwhile.
    private const double WarmUpSeconds = 15;

    public override string Name => name;

    public override string Description => description;

    public override CaseParameters Defaults => defaults with { WarmUpSeconds = WarmUpSeconds };

    public override async Task<CaseResult> RunAsync(CaseContext context)
    {
        var parameters = context.Parameters;
        var closed = mode == PublishMode.Closed;
        var lanes = closed ? parameters.InFlight : 1;
        await using var session = await LoadSession.OpenAsync(
            context, new SessionLayout(SessionLayout.Even(parameters.Connections, parameters.Rooms), lanes, Feedback: closed));
        var plan = PublishPlan.WarmUp(mode, session.Rooms, parameters, lanes);
        await session.PublishAsync("warming up", plan);
        await session.DeliveredAsync();

        var before = await RuntimeCounters.ReadAsync(context.Target, context.CancellationToken);
        var start = session.Sample();
        var published = await session.PublishAsync("measuring", plan with { Seconds = parameters.Seconds, Measured = true });
        await session.DeliveredAsync();
        var result = await session.ResultAsync(start, session.Sample(), published);
        if (before is not null && await RuntimeCounters.ReadAsync(context.Target, context.CancellationToken) is { } after)
        {
            result.Figures["allocated B a delivery"] = (after.AllocatedBytes - before.AllocatedBytes) / result.Delivered;
            result.Figures["GC pauses ms"] = (after.PauseSeconds - before.PauseSeconds) * 1e3;
        }

        return result with { DeliveriesPerSecond = result.Delivered / (closed ? published.Seconds : result.Seconds) };
    }
}
