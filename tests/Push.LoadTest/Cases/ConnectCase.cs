using Push.LoadTest.Publishing;
using Push.LoadTest.Results;

namespace Push.LoadTest.Cases;

/// <summary>C1: how fast connections are accepted, each with a token of its own.</summary>
internal sealed class ConnectCase : LoadCase
{
    public override string Name => "C1";

    public override string Description => "accept rate: 10,000 connects, 256 at once, each with its own token";

    public override CaseParameters Defaults => new() { Connections = 10_000, Rooms = 100 };

    public override async Task<CaseResult> RunAsync(CaseContext context)
    {
        var rooms = SessionLayout.Even(context.Parameters.Connections, context.Parameters.Rooms);
        await using var session = await LoadSession.OpenAsync(context, new SessionLayout(rooms, Lanes: 1));
        var connected = session.Sample();
        var result = await session.ResultAsync(session.Connecting, connected, new PublishReport());
        var cpu = result.Roles.GetValueOrDefault(result.PrimaryRole)?.CpuSeconds;
        if (cpu is not null)
        {
            result.Figures["CPU µs a connect"] = cpu.Value / result.Connections * 1e6;
        }

        return result;
    }
}
