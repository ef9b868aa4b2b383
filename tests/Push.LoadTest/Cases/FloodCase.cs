using Push.LoadTest.Publishing;
using Push.LoadTest.Results;
using Push.LoadTest.Subscribing;

namespace Push.LoadTest.Cases;

/// <summary>Clients that send frames of one byte as fast as they can: what that costs the others.</summary>
internal sealed class FloodCase : LoadCase
{
    private const int Few = 1;
    private const int Many = 16;

    public override string Name => "flood";

    public override string Description => "one room of 1,000, 100 messages/s: alone, beside one client and beside sixteen of one session that send as fast as they can";

    public override CaseParameters Defaults => new() { Connections = 1_000, Rate = 100, Seconds = 10 };

    public override async Task<CaseResult> RunAsync(CaseContext context)
    {
        var parameters = context.Parameters;
        var name = SessionLayout.NewNames()(0);
        var plan = PublishPlan.WarmUp(PublishMode.Paced, [new PublishRoom(name, 0, parameters.Connections)], parameters);
        var layout = new SessionLayout([new(name, 0, parameters.Connections, 0)], Lanes: 1);

        var alone = await MeasureAsync(context, layout, plan, flooding: 0);
        var few = await MeasureAsync(context, layout, plan, Few);
        var many = await MeasureAsync(context, layout, plan, Many);
        var calm = alone.Latency?.P99 ?? 0;
        many.Figures["p99 ms without a flood"] = calm;
        many.Figures[$"p99 ratio beside {Few}"] = (few.Latency?.P99 ?? 0) / calm;
        many.Figures[$"p99 ratio beside {Many}"] = (many.Latency?.P99 ?? 0) / calm;
        return many;
    }

    private static async Task<CaseResult> MeasureAsync(CaseContext context, SessionLayout layout, PublishPlan plan, int flooding)
    {
        await using var session = await LoadSession.OpenAsync(context, layout);
        await session.PublishAsync("warming up", plan);
        await session.DeliveredAsync();
        var path = context.Target.Path.Split('?')[0];
        using var flood = flooding == 0 ? null
            : await FloodingClients.StartAsync(context.Target.EndPoints[0], path, session.Tokens[0], flooding, context.CancellationToken);
        var start = session.Sample();
        var published = await session.PublishAsync(flooding == 0 ? "measuring alone" : $"measuring beside {flooding}", plan with { Seconds = context.Parameters.Seconds, Measured = true });
        await session.DeliveredAsync();
        var end = session.Sample();
        var result = await session.ResultAsync(start, end, published);
        if (flood is not null)
        {
            result.Figures["flooding frames/s"] = flood.Frames / end.SecondsSince(start);
        }

        return result;
    }
}
