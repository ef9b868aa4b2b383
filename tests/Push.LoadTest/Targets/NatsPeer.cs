using Push.LoadTest.Processes;
using Push.LoadTest.Publishing;
using Push.LoadTest.Subscribing;
using Push.TestKit;
using Push.TestKit.Network;

namespace Push.LoadTest.Targets;

/// <summary><c>nats-server</c> (Debian: nats-server) with a WebSocket listener; publications come over its own protocol.</summary>
internal static class NatsPeer
{
    public const string Name = "nats";

    public static async Task<Target> StartAsync(CancellationToken cancellationToken)
    {
        var (clients, webSockets) = (FreePort.Take(), FreePort.Take());
        var folder = new PrivateFolder(Name);
        var configuration = folder.Write(
            "nats.conf",
            $$"""
            listen: "127.0.0.1:{{clients}}"
            max_connections: 100000
            websocket {
              listen: "127.0.0.1:{{webSockets}}"
              no_tls: true
            }
            """);
        var server = await PeerProgram.StartAsync("nats-server", ["-c", configuration], folder, webSockets, cancellationToken);
        return new Target
        {
            Name = Name,
            EndPoints = [$"127.0.0.1:{webSockets}"],
            Path = "/",
            Form = WireForm.Nats,
            Publisher = new PublisherSetup { Kind = PublisherKind.Nats, Server = $"127.0.0.1:{clients}" },
            Roles = [new ProcessRole(Name, [server.Id])],
            PrimaryRole = Name,
            Owned = [server],
        };
    }
}
