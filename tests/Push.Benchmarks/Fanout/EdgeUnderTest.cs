using System.Diagnostics.Metrics;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Push.Auth.Tokens;
using Push.Edge;
using Push.Edge.Connections;
using Push.Edge.Fanout;
using Push.Edge.Lifecycle;
using Push.Edge.Liveness;
using Push.Edge.Telemetry;
using Push.Edge.Transports;
using Push.Edge.Transports.WebSockets;

namespace Push.Benchmarks.Fanout;

/// <summary>An Edge's connections and fan-out, without broker and handshakes.</summary>
internal sealed class EdgeUnderTest : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly DeliveryTelemetry _telemetry;
    private readonly FrameDeflater _deflater;
    private readonly FanoutService _workers;

    public EdgeUnderTest(FanoutOptions fanout, CompressionOptions? compression = null)
    {
        var options = Options.Create(new EdgeOptions());
        var metrics = new EdgeMetrics(_services.GetRequiredService<IMeterFactory>());
        var pool = new BatchPool();
        _telemetry = new DeliveryTelemetry(metrics, TimeProvider.System);
        Shards = new FanoutShards(Options.Create(fanout), pool, TimeProvider.System);
        Connections = new ConnectionRegistry(
            Shards, new ConnectionTerms(options, pool, TimeProvider.System, metrics, NullLogger<Connection>.Instance), new PresenceRegistrar(), new EdgeReadiness(), options);
        _deflater = new FrameDeflater(Options.Create(compression ?? new CompressionOptions()));
        Fanout = new RoomFanout(Shards, _deflater, _telemetry);
        _workers = new FanoutService(Shards, metrics, _telemetry, TimeProvider.System, NullLogger<ShardWorker>.Instance);
    }

    public FanoutShards Shards { get; }

    public ConnectionRegistry Connections { get; }

    public RoomFanout Fanout { get; }

    public Task StartAsync() => _workers.StartAsync(CancellationToken.None);

    public CountingTransport Open(Socket socket, string room, bool takesDeflate = false)
    {
        var transport = new CountingTransport(new SocketTransport(socket));
        Open(transport, takesDeflate, room);
        return transport;
    }

    public Connection Open(IConnectionTransport transport, params string[] rooms) => Open(transport, takesDeflate: false, rooms);

    private Connection Open(IConnectionTransport transport, bool takesDeflate, params string[] rooms)
    {
        var session = new SessionToken("token", "device", UserId: null, IsLogin: false, DateTimeOffset.MaxValue);
        if (!Connections.TryOpen(session, rooms, out var connection, takesDeflate))
        {
            throw new InvalidOperationException("The Edge is full.");
        }

        connection.Start(transport, []);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await _workers.StopAsync(CancellationToken.None);
        _deflater.Dispose();
        _telemetry.Dispose();
        await _services.DisposeAsync();
    }
}
