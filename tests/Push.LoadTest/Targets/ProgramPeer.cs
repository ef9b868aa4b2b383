using System.Globalization;
using Push.LoadTest.Processes;
using Push.LoadTest.Publishing;
using Push.TestKit;
using Push.TestKit.Network;

namespace Push.LoadTest.Targets;

/// <summary>
/// Any other WebSocket server, brought along as a program. It is started with two ports on loopback: clients connect to the first, at
/// <c>/room</c>; publications come to the second as <c>PUB room length CRLF message CRLF</c> (NATS' client protocol) and go out as text frames.
/// </summary>
internal static class ProgramPeer
{
    public static async Task<Target> StartAsync(string name, string program, CancellationToken cancellationToken)
    {
        var (clients, publishers) = (FreePort.Take(), FreePort.Take());
        string[] ports = [clients.ToString(CultureInfo.InvariantCulture), publishers.ToString(CultureInfo.InvariantCulture)];
        var server = await PeerProgram.StartAsync(program, ports, new PrivateFolder(name), publishers, cancellationToken);
        return new Target
        {
            Name = name,
            EndPoints = [$"127.0.0.1:{clients}"],
            Path = "/{room}",
            Publisher = new PublisherSetup { Kind = PublisherKind.Nats, Server = $"127.0.0.1:{publishers}" },
            Roles = [new ProcessRole(name, [server.Id])],
            PrimaryRole = name,
            Owned = [server],
        };
    }
}
