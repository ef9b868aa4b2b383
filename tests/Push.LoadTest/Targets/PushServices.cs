using System.Globalization;
using System.Security.Cryptography;
using Push.LoadTest.EdgeOnly;
using Push.LoadTest.Processes;
using Push.LoadTest.Publishing;
using Push.TestKit;
using Push.TestKit.Network;
using Push.TestKit.Servers;

namespace Push.LoadTest.Targets;

/// <summary>Push from this build's output: its services as processes on free ports, over a broker and a store of their own that outlast them.</summary>
internal sealed class PushServices : IAsyncDisposable
{
    public const string Separate = "all";
    public const string AllInOne = "allinone";
    public const string EdgeOnly = "edge";

    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);

    private readonly BrokerServer? _broker;
    private readonly StoreServer? _store;

    private PushServices(BrokerServer? broker, StoreServer? store)
    {
        _broker = broker;
        _store = store;
    }

    /// <summary>Where the services of the latest target publish; null without a broker.</summary>
    public Uri? Broker { get; private set; }

    /// <summary>Starts broker and store, where <paramref name="kind"/> needs them.</summary>
    public static async Task<PushServices> StartAsync(string kind, CancellationToken cancellationToken)
    {
        if (kind == AllInOne)
        {
            return new PushServices(null, null);
        }

        // Containers hide their processes behind the engine's proxy: CPU and memory could not be told.
        Environment.SetEnvironmentVariable("PUSH_TEST_SERVERS", Environment.GetEnvironmentVariable("PUSH_TEST_SERVERS") ?? "programs");
        var store = await StoreServer.StartAsync(cancellationToken);
        if (kind == EdgeOnly)
        {
            return new PushServices(null, store);
        }

        try
        {
            return new PushServices(await BrokerServer.StartAsync(cancellationToken), store);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the services, with an empty stream and an empty store; the target owns them.</summary>
    /// <param name="publish">How the generator publishes.</param>
    /// <param name="edges">How many Edges.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="variables">Environment of each service, besides what it needs.</param>
    public async Task<Target> StartTargetAsync(
        PublisherKind publish, int edges, CancellationToken cancellationToken, IReadOnlyDictionary<string, string?>? variables = null)
    {
        var settings = Settings(variables ?? new Dictionary<string, string?>());
        var owned = new List<IAsyncDisposable>();
        try
        {
            return (_broker, _store) switch
            {
                ({ } broker, { } store) => await StartSeparateAsync(broker, store, publish, edges, settings, owned, cancellationToken),
                (null, { } store) => await StartEdgeOnlyAsync(store, settings, owned, cancellationToken),
                _ => await StartAllInOneAsync(settings, owned, cancellationToken),
            };
        }
        catch
        {
            foreach (var started in owned)
            {
                await started.DisposeAsync();
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        if (_store is not null)
        {
            await _store.DisposeAsync();
        }
    }

    private async Task<Target> StartSeparateAsync(
        BrokerServer broker,
        StoreServer store,
        PublisherKind publish,
        int edges,
        Dictionary<string, string?> settings,
        List<IAsyncDisposable> owned,
        CancellationToken cancellationToken)
    {
        var host = await broker.CreateVirtualHostAsync(cancellationToken);
        owned.Add(host);
        Broker = host.Address;
        var database = await store.TakeDatabaseAsync(cancellationToken);
        owned.Add(new DatabaseLease(database));
        settings["ConnectionStrings__RabbitMq"] = host.Address.ToString();
        settings["ConnectionStrings__Redis"] = database.ConnectionString;

        var api = await StartServiceAsync("Push.Api", settings, owned, cancellationToken);
        var sweeper = await StartServiceAsync("Push.Sweeper", settings, owned, cancellationToken);
        var sockets = new List<PushService>();
        for (var i = 0; i < edges; i++)
        {
            sockets.Add(await StartServiceAsync("Push.Edge", settings, owned, cancellationToken));
        }

        var brokerRole = new ProcessRole("broker", [.. ProcFile.ByPort(host.Address.Port)]);
        return new Target
        {
            Name = "push",
            EndPoints = [.. sockets.Select(e => $"127.0.0.1:{e.Port}")],
            Path = Target.PushPath,
            Api = new Uri($"http://127.0.0.1:{api.Port}"),
            Metrics = [.. sockets.Select(e => e.Metrics)],
            Publisher = publish == PublisherKind.PushAmqp
                ? new PublisherSetup { Kind = publish, Server = host.Address.ToString() }
                : new PublisherSetup { Kind = publish, Server = $"127.0.0.1:{api.Port}" },
            Roles =
            [
                new ProcessRole("edge", [.. sockets.Select(e => e.Id)]),
                new ProcessRole("api", [api.Id]),
                new ProcessRole("sweeper", [sweeper.Id]),
                brokerRole,
                new ProcessRole("redis", [.. ProcFile.ByPort(int.Parse(database.ConnectionString.Split(':', ',')[1], CultureInfo.InvariantCulture))]),
            ],
            RestartBroker = async token =>
            {
                await broker.StopAsync(token);
                await broker.StartAgainAsync(token);
                brokerRole.Processes = [.. ProcFile.ByPort(host.Address.Port)];
            },
            Owned = owned,
        };
    }

    private static async Task<Target> StartAllInOneAsync(Dictionary<string, string?> settings, List<IAsyncDisposable> owned, CancellationToken cancellationToken)
    {
        var edge = FreePort.Take();
        settings["Listen__Edge__Url"] = $"http://127.0.0.1:{edge}";
        var push = await StartServiceAsync("Push.AllInOne", settings, owned, cancellationToken);
        return new Target
        {
            Name = "push",
            EndPoints = [$"127.0.0.1:{edge}"],
            Path = Target.PushPath,
            Api = new Uri($"http://127.0.0.1:{push.Port}"),
            Metrics = [push.Metrics],
            Publisher = new PublisherSetup { Kind = PublisherKind.PushHttp, Server = $"127.0.0.1:{push.Port}" },
            Roles = [new ProcessRole("push", [push.Id])],
            PrimaryRole = "push",
            Owned = owned,
        };
    }

    private static async Task<Target> StartEdgeOnlyAsync(
        StoreServer store, Dictionary<string, string?> settings, List<IAsyncDisposable> owned, CancellationToken cancellationToken)
    {
        var database = await store.TakeDatabaseAsync(cancellationToken);
        owned.Add(new DatabaseLease(database));
        settings["ConnectionStrings__Redis"] = database.ConnectionString;
        var publications = FreePort.Take();
        var edge = PushService.StartRole(EdgeOnlyHost.Verb, [publications.ToString(CultureInfo.InvariantCulture)], settings);
        await ReadyAsync(edge, owned, cancellationToken);
        return new Target
        {
            Name = "push edge",
            EndPoints = [$"127.0.0.1:{edge.Port}"],
            Path = Target.PushPath,
            Api = new Uri($"http://127.0.0.1:{edge.Port}"),
            Metrics = [edge.Metrics],
            Publisher = new PublisherSetup { Kind = PublisherKind.Nats, Server = $"127.0.0.1:{publications}" },
            Roles = [new ProcessRole("edge", [edge.Id])],
            Owned = owned,
        };
    }

    private static Task<PushService> StartServiceAsync(
        string name, Dictionary<string, string?> settings, List<IAsyncDisposable> owned, CancellationToken cancellationToken) =>
        ReadyAsync(PushService.Start(name, settings), owned, cancellationToken);

    private static async Task<PushService> ReadyAsync(PushService service, List<IAsyncDisposable> owned, CancellationToken cancellationToken)
    {
        owned.Add(service);
        await Deadline.UntilAsync(service.IsReadyAsync, ReadyLimit, $"{service.Name} is ready", cancellationToken);
        return service;
    }

    private static Dictionary<string, string?> Settings(IReadOnlyDictionary<string, string?> variables) => new(variables)
    {
        ["DOTNET_ENVIRONMENT"] = "Production",
        ["Logging__LogLevel__Default"] = "Warning",
        ["Access__AllowAnonymous"] = "true",
        ["Tokens__SigningKeys__0__Id"] = "load",
        ["Tokens__SigningKeys__0__Secret"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(32)),
    };

    private sealed class DatabaseLease(StoreDatabase database) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            database.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
