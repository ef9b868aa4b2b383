using System.Net;
using System.Text;
using Push.LoadTest.Native;
using Push.LoadTest.Publishing;
using Push.LoadTest.Results;

namespace Push.LoadTest.Cases;

/// <summary>What a heartbeat costs the Api and the store.</summary>
internal sealed class HeartbeatCase : LoadCase
{
    public override string Name => "heartbeat";

    public override string Description => "heartbeats/s of 1,000 sessions, 64 in flight";

    public override CaseParameters Defaults => new() { Connections = 1_000, Rooms = 100, InFlight = 64 };

    public override async Task<CaseResult> RunAsync(CaseContext context)
    {
        var parameters = context.Parameters;
        var api = context.Target.Api ?? throw new InvalidOperationException("heartbeat needs Push's API: name it with --api");
        await using var session = await LoadSession.OpenAsync(
            context, new SessionLayout(SessionLayout.Even(parameters.Connections, parameters.Rooms), Lanes: 1));
        var requests = session.Tokens
            .Select(token => Encoding.ASCII.GetBytes($"GET /heartbeat?token={token} HTTP/1.1\r\nHost: {api.Authority}\r\n\r\n"))
            .ToArray();
        var server = new IPEndPoint((await Dns.GetHostAddressesAsync(api.DnsSafeHost, context.CancellationToken))[0], api.Port);

        context.Progress.Phase($"warming up, {parameters.WarmUpSeconds:0} s");
        await BeatAsync(server, requests, parameters.InFlight, parameters.WarmUpSeconds, context.CancellationToken);
        context.Progress.Phase($"measuring, {parameters.Seconds:0} s");
        var start = session.Sample();
        var beats = await BeatAsync(server, requests, parameters.InFlight, parameters.Seconds, context.CancellationToken);
        var end = session.Sample();

        var result = await session.ResultAsync(start, end, new PublishReport());
        result.Figures["heartbeats/s"] = beats / end.SecondsSince(start);
        foreach (var role in context.Target.Roles)
        {
            result.Figures[$"{role.Name} CPU µs a heartbeat"] = result.Roles[role.Name].CpuSeconds / beats * 1e6;
        }

        return result;
    }

    /// <summary>How many were recorded.</summary>
    /// <exception cref="InvalidOperationException">One was refused.</exception>
    private static async Task<int> BeatAsync(IPEndPoint server, byte[][] requests, int atOnce, double seconds, CancellationToken cancellationToken)
    {
        var end = MonotonicClock.Now + (long)(seconds * MonotonicClock.Second);
        var begun = -1;
        var counts = await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => Task.Run(LoopAsync, cancellationToken)));
        return counts.Sum();

        async Task<int> LoopAsync()
        {
            using var connection = new HttpConnection();
            var count = 0;
            for (; MonotonicClock.Now < end; count++)
            {
                var request = requests[(uint)Interlocked.Increment(ref begun) % requests.Length];
                var status = await connection.SendAsync(server, request, cancellationToken);
                if (status != (int)HttpStatusCode.OK)
                {
                    throw new InvalidOperationException($"a heartbeat was answered {status}");
                }
            }

            return count;
        }
    }
}
