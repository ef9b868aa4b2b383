using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Push.Auth.Tokens;
using Push.Edge;
using Push.Edge.Connections;
using Push.Edge.Fanout;
using Push.Edge.Liveness;
using Push.Edge.Transports;
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
    private bool _isStarted;

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

    private EventLoops Loops => _app.Services.GetRequiredService<EventLoops>();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _isStarted = true;
        return _app.StartAsync(cancellationToken);
    }

    public Task StopAsync() => _app.StopAsync();

    public Connection Open(string tokenId, string? userId = null, params string[] rooms)
    {
        var decision = HandshakeDecision.Accept(new SessionToken(tokenId, "device", userId, userId is not null, DateTimeOffset.MaxValue), rooms, extensions: null);
        var client = new AnsweringClient();

        // Until it is started, the test is the loop's thread.
        var connection = _isStarted ? Loops.OpenAsync(decision, client, default).GetAwaiter().GetResult() : Loops.All[0].Open(decision, client, []);
        Assert.NotNull(connection);
        client.Connection = connection;
        return connection;
    }

    /// <summary>The client is gone.</summary>
    public void Leave(Connection connection) => Loops.Abort(connection);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>A client that answers pings and says nothing else.</summary>
    private sealed class AnsweringClient : IConnectionTransport
    {
        public Connection? Connection { get; set; }

        public int Send(ReadOnlySpan<byte> bytes)
        {
            if (Connection is { } connection)
            {
                connection.UnansweredPings = 0;
            }

            return bytes.Length;
        }

        public void AwaitRoom(bool awaits)
        {
        }

        public void End()
        {
        }

        public void Abort()
        {
        }
    }
}
