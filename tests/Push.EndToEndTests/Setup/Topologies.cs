using Push.TestKit.Servers;
using Push.TestKit.Services;

namespace Push.EndToEndTests.Setup;

/// <summary>The topologies that tests share, each started by the first test that enters it.</summary>
public sealed class Topologies : IAsyncDisposable
{
    // What the services print at this level must hold no token either: TokenSecrecyTests reads all of it.
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Logging:LogLevel:Default"] = "Debug",
        ["Logging:LogLevel:Microsoft"] = "Debug",
        ["Logging:LogLevel:System.Net.Http"] = "Debug",
        ["Logging:LogLevel:Yarp"] = "Debug",
    };

    private readonly Lazy<Task<Topology>> _allInOne;
    private readonly Lazy<Task<Topology>> _services;
    private VirtualHost? _host;
    private StoreDatabase? _database;

    public Topologies()
    {
        _allInOne = new Lazy<Task<Topology>>(() => Topology.StartAllInOneAsync(Settings));
        _services = new Lazy<Task<Topology>>(StartServicesAsync);
    }

    public SharedBroker Broker { get; } = new();

    public SharedStore Store { get; } = new();

    public Task<Topology> StartedAsync(Entrance entrance) => entrance == Entrance.AllInOne ? _allInOne.Value : _services.Value;

    /// <summary>Where the topology of separate processes has its exchange.</summary>
    public async Task<VirtualHost> GetVirtualHostAsync()
    {
        await _services.Value;
        return _host!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var topology in new[] { _allInOne, _services })
        {
            if (topology is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            {
                await (await topology.Value).DisposeAsync();
            }
        }

        _database?.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        await Broker.DisposeAsync();
        await Store.DisposeAsync();
    }

    private async Task<Topology> StartServicesAsync()
    {
        _host = await Broker.CreateVirtualHostAsync();
        _database = await Store.TakeDatabaseAsync();
        return await Topology.StartServicesAsync(new ServicesPlan { Broker = _host.Address, Store = _database.ConnectionString, Settings = Settings });
    }
}
