using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Push.LoadTest.Processes;
using Push.LoadTest.Publishing;
using Push.LoadTest.Targets;

namespace Push.LoadTest.CommandLine;

/// <summary>What to run against.</summary>
internal sealed class TargetOptions(Options options) : IAsyncDisposable
{
    private readonly string[] _peers = [.. options.All("peer").SelectMany(p => p.Split(','))];
    private readonly string? _start = options.Text("start");
    private readonly int _edges = options.Whole("edges") ?? 1;
    private PushServices? _services;

    /// <summary>Ways to get each target, peers first and Push last; what a target started ends with it.</summary>
    /// <exception cref="UsageException">The options contradict each other or name what does not exist.</exception>
    public IReadOnlyList<Func<CancellationToken, Task<Target>>> Sources()
    {
        var sources = _peers.Select(Peer).ToList();
        if (_start is not null)
        {
            var publish = Publish();
            sources.Add(token => StartPushAsync(_start, publish, token));
        }
        else if (options.Text("ws") is not null)
        {
            var push = RunningPush();
            sources.Add(_ => Task.FromResult(push));
        }

        options.RejectUnknown();
        return sources.Count > 0 ? sources : throw new UsageException("name a target: --start, --api and --ws, or --peer");
    }

    public ValueTask DisposeAsync() => _services?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static Func<CancellationToken, Task<Target>> Peer(string name) => name switch
    {
        NatsPeer.Name => NatsPeer.StartAsync,
        NchanPeer.Name => NchanPeer.StartAsync,
        BaselinePeer.Name => BaselinePeer.StartAsync,
        _ when name.Split('=', 2) is [var own, var program] => token => ProgramPeer.StartAsync(own, program, token),
        _ => throw new UsageException($"no peer {name}; there are {NatsPeer.Name}, {NchanPeer.Name}, {BaselinePeer.Name} and name=program"),
    };

    private async Task<Target> StartPushAsync(string kind, PublisherKind publish, CancellationToken cancellationToken)
    {
        _services ??= await PushServices.StartAsync(kind, cancellationToken);
        return await _services.StartTargetAsync(publish, _edges, cancellationToken);
    }

    private PublisherKind Publish() => options.Text("publish") switch
    {
        null or "http" => PublisherKind.PushHttp,
        "amqp" => PublisherKind.PushAmqp,
        var other => throw new UsageException($"--publish is http or amqp, not {other}"),
    };

    private Target RunningPush()
    {
        var api = Address(options.Text("api") ?? throw new UsageException("--api is missing"));
        var kind = Publish();
        var amqp = options.Text("amqp");
        return new Target
        {
            Name = "push",
            EndPoints = [.. options.All("ws").SelectMany(w => w.Split(',')).Select(w => EndPoint(Address(w)))],
            Path = Target.PushPath,
            Api = api,
            Publisher = new PublisherSetup
            {
                Kind = kind,
                Server = kind == PublisherKind.PushHttp ? EndPoint(api) : amqp ?? throw new UsageException("--amqp is missing"),
                ApiKey = options.Text("api-key"),
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
