using Push.LoadTest.Processes;
using Push.LoadTest.Publishing;
using Push.LoadTest.Results;
using Push.LoadTest.Subscribing;
using Push.LoadTest.Wire;

namespace Push.LoadTest.Cases;

/// <summary>A goal in the big match: steady messages to all rooms, then one to everybody and a thousand within a second to the biggest room.</summary>
internal sealed class BurstCase : LoadCase
{
    private const int BurstLanes = 8;
    private const double BurstSeconds = 1;

    private static readonly TimeSpan SampleInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    public override string Name => "burst";

    public override string Description => "18,000 in 20 rooms at 10 messages/s, then one to everybody and 1,000 within a second to a room of 5,000";

    public override CaseParameters Defaults => new() { Connections = 18_000, Rooms = 20, Rate = 10, Messages = 1_000, Seconds = 5 };

    public override async Task<CaseResult> RunAsync(CaseContext context)
    {
        var parameters = context.Parameters;
        var rooms = Rooms(parameters);
        await using var session = await LoadSession.OpenAsync(context, new SessionLayout(rooms, Lanes: BurstLanes + 2, ConnectionsPerToken: 20));
        var steady = new PublishPlan
        {
            Mode = PublishMode.Paced,
            Rooms = session.Rooms,
            Lanes = 1,
            Rate = parameters.Rate,
            Seconds = parameters.Seconds,
            Measured = true,
            PayloadBytes = parameters.PayloadBytes,
        };
        var everybody = steady with
        {
            Mode = PublishMode.Flood,
            Rooms = [new PublishRoom(Name: null, Stamp.Everybody, parameters.Connections)],
            FirstLane = BurstLanes + 1,
            Count = 1,
        };
        var burst = steady with
        {
            Rooms = [session.Rooms[0]],
            FirstLane = 1,
            Lanes = BurstLanes,
            Rate = parameters.Messages / BurstSeconds,
            Count = parameters.Messages,
            Seconds = BurstSeconds * 10,
        };

        await session.PublishAsync("warming up", steady with { Seconds = parameters.WarmUpSeconds, Measured = false });
        await session.DeliveredAsync();
        var start = session.Sample();
        await using var series = new SampleSeries(context.Target.Roles, SampleInterval);
        var calm = await session.PublishAsync("steady", steady);
        var one = await session.PublishAsync("to everybody", everybody);
        var many = await session.PublishAsync("burst", burst);
        await session.DeliveredAsync();
        var drained = session.Sample();
        context.Progress.Phase($"resting {Rest.TotalSeconds:0} s");
        await Task.Delay(Rest, context.CancellationToken);
        var end = session.Sample();

        var result = await session.ResultAsync(start, drained, many);
        result.Figures["s to drain the burst"] = drained.SecondsSince(start) - calm.Seconds - one.Seconds;
        if (start.Roles.TryGetValue(result.PrimaryRole, out var before))
        {
            result.Figures["RSS MB before"] = before.RssBytes / 1e6;
            result.Figures["RSS MB at most"] = series.Points.Max(p => p.Roles[result.PrimaryRole].RssBytes) / 1e6;
            result.Figures["RSS MB after 30 s"] = end.Roles[result.PrimaryRole].RssBytes / 1e6;
        }

        return result with { Published = calm.Confirmed + one.Confirmed + many.Confirmed };
    }

    // The biggest room has 5,000 of 18,000; the others share the rest.
    private static RoomMembers[] Rooms(CaseParameters parameters)
    {
        var names = SessionLayout.NewNames();
        var big = parameters.Connections * 5 / 18;
        var others = parameters.Rooms - 1;
        return
        [
            new RoomMembers(names(0), 0, big),
            .. Enumerable.Range(0, others).Select(i =>
                new RoomMembers(names(i + 1), i + 1, ((parameters.Connections - big) / others) + (i < (parameters.Connections - big) % others ? 1 : 0))),
        ];
    }
}
