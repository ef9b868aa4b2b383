using Push.LoadTest.Publishing;
using Push.LoadTest.Results;

namespace Push.LoadTest.Cases;

/// <summary>How many publishes a second are confirmed, to rooms that nobody is in; then how long a message takes to its subscribers at a steady rate.</summary>
internal sealed class PublishCase : LoadCase
{
    public override string Name => "publish";

    public override string Description => "confirmed publishes/s at 64 in flight; then publish to socket at 2,000/s over 100 rooms of 10";

    public override CaseParameters Defaults => new() { Connections = 1_000, Rooms = 100, Rate = 2_000, InFlight = 64 };

    public override async Task<CaseResult> RunAsync(CaseContext context)
    {
        var parameters = context.Parameters;
        await using var session = await LoadSession.OpenAsync(
            context, new SessionLayout(SessionLayout.Even(parameters.Connections, parameters.Rooms), Lanes: 1));
        PublishRoom[] empty = [.. session.Rooms.Select(r => new PublishRoom($"{r.Name}-empty", r.Number, Members: 0))];
        var flood = PublishPlan.WarmUp(PublishMode.Flood, empty, parameters, parameters.InFlight);
        await session.PublishAsync("warming up", flood);
        var start = session.Sample();
        var flooded = await session.PublishAsync("flooding", flood with { Seconds = parameters.Seconds });
        var end = session.Sample();

        var paced = flood with { Mode = PublishMode.Paced, Rooms = session.Rooms, Lanes = 1 };
        await session.PublishAsync("warming up", paced);
        await session.DeliveredAsync();
        var published = await session.PublishAsync("measuring", paced with { Seconds = parameters.Seconds, Measured = true });
        await session.DeliveredAsync();

        var result = await session.ResultAsync(start, end, published);
        result.Figures["publishes/s"] = flooded.Confirmed / flooded.Seconds;
        foreach (var role in context.Target.Roles)
        {
            result.Figures[$"{role.Name} CPU µs a publish"] = result.Roles[role.Name].CpuSeconds / flooded.Confirmed * 1e6;
        }

        if (flooded.FirstFailure is { } failure)
        {
            result.Notes.Add($"{flooded.Failed} of the flood failed, the first with: {failure}");
        }

        // The parts' CPU is the flood's, which delivers nothing.
        return result with { Roles = start.Until(end, deliveries: 0), Confirm = Percentiles.Of(flooded.ConfirmTimes) };
    }
}
