using Push.LoadTest.Publishing;
using Push.LoadTest.Results;

namespace Push.LoadTest.Cases;

/// <summary>C1: how fast connections are accepted, each with a token of its own.</summary>
internal sealed class ConnectCase : LoadCase
{
    // Makes a fresh server compile its code: what is measured is a storm of reconnects to one that has been up for a while.
    private const int FirstConnections = 3_000;

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3);

    public override string Name => "C1";

    public override string Description => "accept rate: 10,000 connects, 256 at once, each with its own token, to a server that has had 3,000";

    public override CaseParameters Defaults => new() { Connections = 10_000, Rooms = 100 };

    public override async Task<CaseResult> RunAsync(CaseContext context)
    {
        await using (await OpenAsync(context, FirstConnections))
        {
        }

        await using var session = await OpenAsync(context, context.Parameters.Connections);
        var connected = session.Sample();
        var result = await session.ResultAsync(session.Connecting, connected, new PublishReport());
        var cpu = result.Roles.GetValueOrDefault(result.PrimaryRole)?.CpuSeconds;
        if (cpu is not null)
        {
            result.Figures["CPU µs a connect"] = cpu.Value / result.Connections * 1e6;
        }

        return result;
    }

    private static Task<LoadSession> OpenAsync(CaseContext context, int connections) =>
        LoadSession.OpenAsync(context, new SessionLayout(SessionLayout.Even(connections, context.Parameters.Rooms), Lanes: 1, Pause: Settle));
}
