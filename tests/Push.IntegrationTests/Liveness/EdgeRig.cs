using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Push.Auth.Tokens;
using Push.Edge;
using Push.Edge.Connections;
using Push.Edge.Listening;
using Push.Edge.Liveness;
using Push.Messaging;
using Push.Messaging.ControlBus;
using Push.Presence;
using Push.Sweeper;
using StackExchange.Redis;
using Xunit;

namespace Push.IntegrationTests.Liveness;

/// <summary>An Edge's module on an in-memory bus, with a Sweeper beside it on demand. Its connections have no sockets: what counts is why they end.</summary>
internal sealed class EdgeRig : IAsyncDisposable
{
    public const string EdgeId = "edge-1";

    public static readonly TimeSpan HeartbeatTimeout = TimeSpan.FromSeconds(4);
    public static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly WebApplication _app;

    public EdgeRig(string redis, bool withSweeper, TimeSpan? heartbeatTimeout = null, Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Development });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:Redis"] = redis,
            ["Edge:Id"] = EdgeId,
            ["Edge:DrainTimeout"] = "00:00:00",
            ["Liveness:HeartbeatTimeout"] = (heartbeatTimeout ?? HeartbeatTimeout).ToString(),
            ["Liveness:SweepInterval"] = SweepInterval.ToString(),
        });
        builder.AddMessaging(inMemoryWithoutBroker: true);
        builder.AddPushEdge();
        if (withSweeper)
        {
            builder.AddPushSweeper();
        }

        // Without sockets, nobody answers pings.
        builder.Services.Remove(builder.Services.Single(service => service.ImplementationType == typeof(ConnectionClock)));
        configure?.Invoke(builder.Services);
        _app = builder.Build();
    }

    public ConnectionRegistry Connections => _app.Services.GetRequiredService<ConnectionRegistry>();

    public PresenceRegistrar Registrar => _app.Services.GetRequiredService<PresenceRegistrar>();

    public PresenceWriter Writer => _app.Services.GetRequiredService<PresenceWriter>();

    public PresenceStore Store => _app.Services.GetRequiredService<PresenceStore>();

    public IControlBus Bus => _app.Services.GetRequiredService<IControlBus>();

    /// <summary>What the store has written, to look at and to falsify.</summary>
    public IDatabase Redis => _app.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

    public Task StartAsync(CancellationToken cancellationToken) => _app.StartAsync(cancellationToken);

    public Task StopAsync() => _app.StopAsync();

    public Connection Open(string tokenId, string? userId = null, params string[] rooms)
    {
        var session = new SessionToken(tokenId, "device", userId, userId is not null, DateTimeOffset.MaxValue);
        Assert.True(Connections.TryOpen(session, rooms, out var connection));
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
    }
}
