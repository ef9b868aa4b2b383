using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Push.LoadTest.Processes;
using Push.LoadTest.Publishing;
using Push.LoadTest.Targets;

namespace Push.LoadTest.CommandLine;

/// <summary>What to run against.</summary>
internal sealed class TargetOptions(Options options)
{
    /// <summary>The names of peers that were asked for.</summary>
    public IReadOnlyList<string> Peers { get; } = [.. options.All("peer").SelectMany(p => p.Split(','))];

    /// <summary>Whether a Push was named.</summary>
    public bool HasPush => options.Text("ws") is not null;

    /// <exception cref="UsageException">There is no such peer.</exception>
    public static Task<Target> StartPeerAsync(string name, CancellationToken cancellationToken) => name switch
    {
        NatsPeer.Name => NatsPeer.StartAsync(cancellationToken),
        NchanPeer.Name => NchanPeer.StartAsync(cancellationToken),
        BaselinePeer.Name => BaselinePeer.StartAsync(cancellationToken),
        _ => throw new UsageException($"no peer {name}; there are {NatsPeer.Name}, {NchanPeer.Name}, {BaselinePeer.Name}"),
    };

    /// <summary>The Push that the options name.</summary>
    public Target RunningPush()
    {
        var api = Address(options.Text("api") ?? throw new UsageException("--api is missing"));
        var amqp = options.Text("amqp");
        var publish = options.Text("publish") ?? (amqp is null ? "http" : "amqp");
        return new Target
        {
            Name = "push",
            EndPoints = [.. options.All("ws").SelectMany(w => w.Split(',')).Select(w => EndPoint(Address(w)))],
            Path = "/ws?token={token}&roomIds={room}",
            Api = api,
            Publisher = publish switch
            {
                "http" => new PublisherSetup { Kind = PublisherKind.PushHttp, Server = EndPoint(api), ApiKey = options.Text("api-key") },
                "amqp" => new PublisherSetup { Kind = PublisherKind.PushAmqp, Server = amqp ?? throw new UsageException("--amqp is missing"), ApiKey = options.Text("api-key") },
                _ => throw new UsageException($"--publish is http or amqp, not {publish}"),
            },
            Roles = Roles(),
        };
    }

    private List<ProcessRole> Roles()
    {
        var named = Pairs("pid").Select(p => (p.Role, Ids: p.Value.Split(',').Select(Number)))
            .Concat(Pairs("port").Select(p => (p.Role, Ids: ProcFile.ByPort(Number(p.Value)))))
            .Concat(Pairs("process").Select(p => (p.Role, Ids: ProcFile.ByCommandLine(p.Value))));
        var roles = new List<ProcessRole>();
        foreach (var (role, ids) in named)
        {
            var processes = ids.Distinct().ToList();
            roles.Add(processes.Count > 0 ? new ProcessRole(role, processes) : throw new UsageException($"no process found for {role}"));
        }

        return roles;
    }

    private IEnumerable<(string Role, string Value)> Pairs(string name) => options.All(name).Select(text => text.Split('=', 2) is [var role, var value]
        ? (role, value)
        : throw new UsageException($"--{name} has the form role=value"));

    private static int Number(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new UsageException($"{text} is no number");

    private static Uri Address(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "ws"
        ? address
        : throw new UsageException($"{text} is no http:// or ws:// address");

    private static string EndPoint(Uri address)
    {
        var host = Dns.GetHostAddresses(address.DnsSafeHost, AddressFamily.InterNetwork).FirstOrDefault()
            ?? throw new UsageException($"{address.Host} has no IPv4 address");
        return $"{host}:{address.Port}";
    }
}
