using Push.LoadTest.Processes;
using Push.LoadTest.Publishing;
using Push.LoadTest.Results;
using Push.LoadTest.Subscribing;

namespace Push.LoadTest.Cases;

/// <summary>Half load for a long time, with clients coming and going: nothing may grow.</summary>
internal sealed class SoakCase : LoadCase
{
    private const double ChurnPerSecond = 50;

    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(5);

    public override string Name => "soak";

    public override string Description => "30 minutes of 5,000 in 100 rooms, 1,500 messages/s, 50 connections a second replaced: growth of RSS, handles, threads";

    public override CaseParameters Defaults => new() { Connections = 5_000, Rooms = 100, Rate = 1_500, Seconds = 1_800, WarmUpSeconds = 30 };

    public override async Task<CaseResult> RunAsync(CaseContext context)
    {
        var parameters = context.Parameters;
        await using var session = await LoadSession.OpenAsync(
            context, new SessionLayout(SessionLayout.Even(parameters.Connections, parameters.Rooms), Lanes: 1, ConnectionsPerToken: 20));
        var plan = PublishPlan.WarmUp(PublishMode.Paced, session.Rooms, parameters);
        await session.Fleet.TellAsync(SubscriberVerb.Churn, ChurnPerSecond);
        await session.PublishAsync("warming up", plan);

        var start = session.Sample();
        await using var series = new SampleSeries(context.Target.Roles, SampleInterval);
        var published = await session.PublishAsync("soaking", plan with { Seconds = parameters.Seconds, Measured = true });
        var end = session.Sample();
        await session.Fleet.TellAsync(SubscriberVerb.Churn, 0);
        await session.DeliveredAsync();

        var result = await session.ResultAsync(start, end, published);
        foreach (var role in context.Target.Roles)
        {
            var samples = series.Points.Select(p => p.Roles[role.Name]).ToList();
            result.Figures[$"{role.Name} RSS MB growth"] = Growth(samples, s => s.RssBytes) / 1e6;
            result.Figures[$"{role.Name} handles growth"] = Growth(samples, s => s.Handles);
            result.Figures[$"{role.Name} threads growth"] = Growth(samples, s => s.Threads);
        }

        result.Figures["connections replaced"] = session.Fleet.Totals.Replaced;

        // Who comes and goes misses what is sent meanwhile; lost is what was passed over within a connection.
        return result with { Lost = result.PassedOver, DeliveriesPerSecond = result.Delivered / result.Seconds };
    }

    /// <summary>From the median of the second fifth to that of the last: the first is still settling.</summary>
    internal static double Growth(IReadOnlyList<ProcessSample> samples, Func<ProcessSample, double> of)
    {
        var fifth = Math.Max(1, samples.Count / 5);
        return (Figures.Median(samples.TakeLast(fifth).Select(s => (double?)of(s))) ?? 0)
            - (Figures.Median(samples.Skip(fifth).Take(fifth).Select(s => (double?)of(s))) ?? 0);
    }
}
