using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Push.Auth.Tokens;
using Push.Contracts;
using Push.Edge;
using Push.Edge.Connections;
using Push.Edge.Fanout;
using Push.Edge.Lifecycle;
using Push.Edge.Liveness;
using Push.Edge.Telemetry;
using Push.Edge.Transports;
using Push.Edge.Transports.WebSockets;
using Xunit;

namespace Push.UnitTests.Fanout;

/// <summary>An Edge's connections and fan-out without sockets. Its workers are the test itself (<see cref="RunTurns"/>) until <see cref="StartWorkersAsync"/>.</summary>
internal sealed class FanoutRig : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly TimeProvider _clock;
    private readonly FrameDeflater _deflater;
    private FanoutService? _workers;

    public FanoutRig(
        Action<FanoutOptions>? fanout = null,
        Action<EdgeOptions>? edge = null,
        TimeProvider? clock = null,
        Action<CompressionOptions>? compression = null)
    {
        // Drains continue where the scripted peer reads, not on a test framework's context.
        SynchronizationContext.SetSynchronizationContext(null);
        var fanoutOptions = new FanoutOptions { Shards = 1 };
        fanout?.Invoke(fanoutOptions);
        var edgeOptions = new EdgeOptions();
        edge?.Invoke(edgeOptions);
        Metrics = new EdgeMetrics(_services.GetRequiredService<IMeterFactory>());
        _clock = clock ?? Time;
        Telemetry = new DeliveryTelemetry(Metrics, _clock);
        Terms = new ConnectionTerms(Options.Create(edgeOptions), Pool, _clock, Metrics, NullLogger<Connection>.Instance);
        Shards = new FanoutShards(Options.Create(fanoutOptions), Pool, _clock);
        var compressionOptions = new CompressionOptions();
        compression?.Invoke(compressionOptions);
        _deflater = new FrameDeflater(Options.Create(compressionOptions));
        Fanout = new RoomFanout(Shards, _deflater, Telemetry);
        Connections = new ConnectionRegistry(Shards, Terms, new PresenceRegistrar(), Readiness, Options.Create(edgeOptions));
    }

    /// <summary>Stands still until a test moves it; not for workers, which wait in real time.</summary>
    public FakeTimeProvider Time { get; } = new();

    public BatchPool Pool { get; } = new();

    public EdgeMetrics Metrics { get; }

    public DeliveryTelemetry Telemetry { get; }

    public EdgeReadiness Readiness { get; } = new();

    public IMeterFactory MeterFactory => _services.GetRequiredService<IMeterFactory>();

    public ConnectionTerms Terms { get; }

    public FanoutShards Shards { get; }

    /// <summary>The only one.</summary>
    public FanoutShard Shard => Shards.All[0];

    public RoomFanout Fanout { get; }

    public ConnectionRegistry Connections { get; }

    public static SessionToken Session(string? userId = null, string? deviceId = null) =>
        new("token", deviceId, userId, userId is not null, DateTimeOffset.MaxValue);

    public Connection Open(IConnectionTransport transport, params string[] rooms) => Open(transport, Session(), rooms);

    public Connection Open(IConnectionTransport transport, SessionToken session, params string[] rooms)
    {
        Assert.True(Connections.TryOpen(session, rooms, out var connection));
        connection.Start(transport, []);
        return connection;
    }

    /// <summary>A connection that has negotiated compression.</summary>
    public Connection OpenDeflating(IConnectionTransport transport, SessionToken session, params string[] rooms)
    {
        Assert.True(Connections.TryOpen(session, rooms, out var connection, takesDeflate: true));
        connection.Start(transport, []);
        return connection;
    }

    public void Publish(RoomKey target, string text) =>
        Fanout.Publish(new Publication { Target = target, Payload = Encoding.UTF8.GetBytes(text) });

    /// <summary>A batch of text frames; the caller holds its reference.</summary>
    public Batch Batch(params ReadOnlySpan<string> texts)
    {
        Batch? batch = null;
        foreach (var text in texts)
        {
            var frame = Frame(text);
            if (batch is null)
            {
                batch = Pool.Rent(frame);
            }
            else
            {
                Assert.True(batch.TryAppend(frame));
            }
        }

        return batch!;
    }

    /// <summary>Sends as the worker does; returns what the connection answered.</summary>
    public bool Send(Connection connection, params ReadOnlySpan<string> texts)
    {
        var batch = Batch(texts);
        var isTaken = connection.Send(batch);
        batch.Release();
        return isTaken;
    }

    /// <summary>Takes turns until none is due; returns how many.</summary>
    public int RunTurns()
    {
        var turns = 0;
        foreach (var shard in Shards.All)
        {
            while (shard.TryTakeTurn(out var turn, out _))
            {
                turn.Run();
                shard.EndTurn(turn);
                turns++;
            }
        }

        return turns;
    }

    public async Task StartWorkersAsync()
    {
        _workers = new FanoutService(Shards, Metrics, Telemetry, _clock, NullLogger<ShardWorker>.Instance);
        await _workers.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_workers is not null)
        {
            await _workers.StopAsync(CancellationToken.None);
        }

        _deflater.Dispose();
        Telemetry.Dispose();
        await _services.DisposeAsync();
    }

    private static byte[] Frame(string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        var frame = new byte[ServerFrame.Length(payload.Length)];
        Assert.Equal(frame.Length, ServerFrame.Write(frame, ServerFrame.Text, payload));
        return frame;
    }
}
