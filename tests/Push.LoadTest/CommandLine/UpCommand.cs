using Push.LoadTest.Publishing;
using Push.LoadTest.Targets;

namespace Push.LoadTest.CommandLine;

/// <summary><c>up</c>: a Push to play with, or to profile while cases run against it.</summary>
internal static class UpCommand
{
    public static async Task<int> RunAsync(Options options, CancellationToken cancellationToken)
    {
        var kind = options.Text("start") ?? PushServices.Separate;
        var edges = options.Whole("edges") ?? 1;
        options.RejectUnknown();
        await using var services = await PushServices.StartAsync(kind, cancellationToken);
        await using var target = await services.StartTargetAsync(PublisherKind.PushHttp, edges, cancellationToken);
        Console.WriteLine(string.Join(' ', [
            $"--api {target.Api}",
            $"--ws {string.Join(',', target.EndPoints.Select(e => $"ws://{e}"))}",
            .. services.Broker is null ? (string[])[] : [$"--amqp {services.Broker}"],
            .. target.Roles.Select(role => $"--pid {role.Name}={string.Join(',', role.Processes)}"),
        ]));
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }
}
