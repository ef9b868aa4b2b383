using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Push.Presence;
using StackExchange.Redis;

namespace Push.IntegrationTests.Presence;

/// <summary>A presence store as a service gets it. Its pulse beats once <see cref="StartAsync"/> has been called.</summary>
internal sealed class StoreHost : IDisposable
{
    private readonly IHost _host;

    public StoreHost(string connectionString, TimeSpan heartbeatTimeout, TimeSpan sweepInterval)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:Redis"] = $"{connectionString},allowAdmin=true",
            ["Liveness:HeartbeatTimeout"] = heartbeatTimeout.ToString(),
            ["Liveness:SweepInterval"] = sweepInterval.ToString(),
        });
        builder.AddPresence();
        _host = builder.Build();
        Store = _host.Services.GetRequiredService<PresenceStore>();
        Database = _host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
    }

    public PresenceStore Store { get; }

    /// <summary>What the store has written, to look at and to falsify.</summary>
    public IDatabase Database { get; }

    public async Task<string[]> KeysAsync() => (string[])(await Database.ExecuteAsync("KEYS", "*"))!;

    public Task StartAsync(CancellationToken cancellationToken) => _host.StartAsync(cancellationToken);

    public void Dispose() => _host.Dispose();
}
