using Push.LoadTest.Processes;
using Push.LoadTest.Publishing;
using Push.LoadTest.Results;
using Push.LoadTest.Subscribing;

namespace Push.LoadTest.Cases;

/// <summary>Messages for some time, with clients coming and going: nothing may grow, and nobody may get what is another's.</summary>
/// <param name="name">The case's.</param>
/// <param name="description">What <c>cases</c> prints.</param>
/// <param name="replaced">Connections that are replaced, a second.</param>
/// <param name="areReset">They are reset, instead of leaving or vanishing.</param>
/// <param name="defaults">Its size.</param>
internal sealed class SoakCase(string name, string description, double replaced, bool areReset, CaseParameters defaults) : LoadCase
{
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(3);

    public override string Name => name;

    public override string Description => description;

    public override CaseParameters Defaults => defaults;

    public override async Task<CaseResult> RunAsync(CaseContext context)
    {
        var before = SystemSample.Take(context.Target.Roles);
        var result = await RunSessionAsync(context);
        await Task.Delay(Farewell, context.CancellationToken);
        var after = SystemSample.Take(context.Target.Roles);
        result.Figures[$"{result.PrimaryRole} handles left"] = after.Roles[result.PrimaryRole].Handles - before.Roles[result.PrimaryRole].Handles;
        return result;
    }

    /// <summary>From the median of the second fifth to that of the last: the first is still settling.</summary>
    internal static double Growth(IReadOnlyList<ProcessSample> samples, Func<ProcessSample, double> of)
    {
        var fifth = Math.Max(1, samples.Count / 5);
        return (Figures.Median(samples.TakeLast(fifth).Select(s => (double?)of(s))) ?? 0)
            - (Figures.Median(samples.Skip(fifth).Take(fifth).Select(s => (double?)of(s))) ?? 0);
    }

    private async Task<CaseResult> RunSessionAsync(CaseContext context)
    {
        var parameters = context.Parameters;
        await using var session = await LoadSession.OpenAsync(
            context, new SessionLayout(SessionLayout.Even(parameters.Connections, parameters.Rooms), Lanes: 1, ConnectionsPerToken: 20));
        var plan = PublishPlan.WarmUp(PublishMode.Paced, session.Rooms, parameters);
        await session.Fleet.TellAsync(areReset ? SubscriberVerb.Reset : SubscriberVerb.Churn, replaced);
        await session.PublishAsync("warming up", plan);

        var start = session.Sample();
        await using var series = new SampleSeries(context.Target.Roles, SampleInterval);
        var published = await session.PublishAsync(areReset ? "publishing" : "soaking", plan with { Seconds = parameters.Seconds, Measured = true });
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
}
