using Push.LoadTest.Publishing;
using Push.LoadTest.Results;

namespace Push.LoadTest.Cases;

/// <summary>M1: what an idle connection holds, before and after messages have gone to all of them.</summary>
internal sealed class IdleMemoryCase : LoadCase
{
    // Makes a fresh server load and compile its code, which is no connection's memory.
    private const int FirstConnections = 100;

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3);

    public override string Name => "M1";

    public override string Description => "idle memory: 19,000 connections, again after 3 messages to each";

    public override CaseParameters Defaults => new() { Connections = 19_000, Rooms = 100, Messages = 300, Rate = 100 };

    public override async Task<CaseResult> RunAsync(CaseContext context)
    {
        var parameters = context.Parameters;
        await using (var few = await OpenAsync(context, FirstConnections))
        {
            await PublishAsync(few, parameters with { Messages = parameters.Rooms });
        }

        await using var session = await OpenAsync(context, parameters.Connections);
        await Task.Delay(Settle, context.CancellationToken);
        var idle = session.Sample();
        var published = await PublishAsync(session, parameters);
        await Task.Delay(Settle, context.CancellationToken);
        var after = session.Sample();

        var result = await session.ResultAsync(session.Connecting, after, published);
        var role = result.PrimaryRole;
        if (!idle.Roles.ContainsKey(role))
        {
            return result;
        }

        var before = session.Connecting.Roles[role].RssBytes;
        result.Figures["RSS B/conn after messages"] = (after.Roles[role].RssBytes - before) / (double)result.Connections;
        return result with { RssBytesPerConnection = (idle.Roles[role].RssBytes - before) / (double)result.Connections };
    }

    private static Task<LoadSession> OpenAsync(CaseContext context, int connections) =>
        LoadSession.OpenAsync(context, new SessionLayout(SessionLayout.Even(connections, context.Parameters.Rooms), Lanes: 1));

    private static async Task<PublishReport> PublishAsync(LoadSession session, CaseParameters parameters)
    {
        var report = await session.PublishAsync("to all", new PublishPlan
        {
            Mode = PublishMode.Paced,
            Rooms = session.Rooms,
            Lanes = 1,
            Rate = parameters.Rate,
            Count = parameters.Messages,
            Seconds = parameters.Messages / parameters.Rate * 2,
            Measured = true,
            PayloadBytes = parameters.PayloadBytes,
        });
        await session.DeliveredAsync();
        return report;
    }
}
