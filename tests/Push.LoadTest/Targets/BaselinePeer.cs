using System.Globalization;
using Push.LoadTest.Baseline;
using Push.LoadTest.Processes;
using Push.LoadTest.Publishing;
using Push.TestKit.Network;

namespace Push.LoadTest.Targets;

/// <summary>The built-in <see cref="BaselineServer"/> in a process of its own: on any machine the yardstick of what is possible.</summary>
internal static class BaselinePeer
{
    public const string Name = "baseline";

    public static async Task<Target> StartAsync(CancellationToken cancellationToken)
    {
        var (clients, publishers) = (FreePort.Take(), FreePort.Take());
        var server = new WorkerProcess(
            BaselineServer.Verb, clients.ToString(CultureInfo.InvariantCulture), publishers.ToString(CultureInfo.InvariantCulture));
        await server.ReadLineAsync(cancellationToken);
        return new Target
        {
            Name = Name,
            EndPoints = [$"127.0.0.1:{clients}"],
            Path = "/{room}",
            Publisher = new PublisherSetup { Kind = PublisherKind.Nats, Server = $"127.0.0.1:{publishers}" },
            Roles = [new ProcessRole(Name, [server.Id])],
            PrimaryRole = Name,
            Owned = [server],
        };
    }
}
