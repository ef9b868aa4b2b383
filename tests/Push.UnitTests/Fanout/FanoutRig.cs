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
using Push.Edge.Telemetry;
using Push.Edge.Transports;
using Push.Edge.Transports.Sockets;
using Push.Edge.Transports.WebSockets;
using Xunit;

namespace Push.UnitTests.Fanout;

/// <summary>An Edge's loops and connections without sockets. The loops' thread is the test itself (<see cref="RunRound"/>) until <see cref="StartAsync"/>.</summary>
internal sealed class FanoutRig : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FrameDeflater _deflater;
    private int _opened;
    private bool _isStarted;

    public FanoutRig(
        Action<FanoutOptions>? fanout = null,
        Action<EdgeOptions>? edge = null,
        TimeProvider? clock = null,
        Action<CompressionOptions>? compression = null)
    {
        var fanoutOptions = new FanoutOptions { Loops = 1 };
        fanout?.Invoke(fanoutOptions);
        var edgeOptions = new EdgeOptions();
        edge?.Invoke(edgeOptions);
        var compressionOptions = new CompressionOptions();
        compression?.Invoke(compressionOptions);
        Metrics = new EdgeMetrics(_services.GetRequiredService<IMeterFactory>());
        Telemetry = new DeliveryTelemetry(Metrics, clock ?? Time);
        var sockets = new SocketLimit(int.MaxValue);
        Connections = new ConnectionRegistry(Presence, Readiness, Metrics, sockets, Options.Create(edgeOptions));
        Loops = new EventLoops(new LoopTerms(
            edgeOptions, fanoutOptions, Policy: null, Connections, Subscribers, sockets, Metrics, Telemetry, clock ?? Time, NullLogger.Instance, UsesSockets: false));
        Terms = new ConnectionTerms(edgeOptions, clock ?? Time, Metrics, NullLogger.Instance);
        _deflater = new FrameDeflater(Options.Create(compressionOptions));
        Fanout = new RoomFanout(Loops, Subscribers, _deflater, Telemetry);
    }

    /// <summary>Stands still until a test moves it; not for threads, which wait in real time.</summary>
    public FakeTimeProvider Time { get; } = new();

    public EdgeMetrics Metrics { get; }

    public DeliveryTelemetry Telemetry { get; }

    public EdgeReadiness Readiness { get; } = new();

    public PresenceRegistrar Presence { get; } = new();

    public SubscriberIndex Subscribers { get; } = new();

    public IMeterFactory MeterFactory => _services.GetRequiredService<IMeterFactory>();

    /// <summary>For connections that are in no loop.</summary>
    public ConnectionTerms Terms { get; }

    public EventLoops Loops { get; }

    /// <summary>The only one.</summary>
    public EventLoop Loop => Loops.All[0];

    public RoomFanout Fanout { get; }

    public ConnectionRegistry Connections { get; }

    public static SessionToken Session(string? userId = null, string? deviceId = null) =>
        new("token", deviceId, userId, userId is not null, DateTimeOffset.MaxValue);

    public Connection Open(IConnectionTransport transport, params string[] rooms) => Open(transport, Session(), rooms);

    public Connection Open(IConnectionTransport transport, SessionToken session, params string[] rooms) => Open(transport, session, extensions: null, rooms);

    /// <summary>A connection that has negotiated compression.</summary>
    public Connection OpenDeflating(IConnectionTransport transport, SessionToken session, params string[] rooms) => Open(transport, session, "permessage-deflate", rooms);

    public Connection? TryOpen(IConnectionTransport transport, SessionToken session, string? extensions, params string[] rooms)
    {
        var decision = HandshakeDecision.Accept(session, rooms, extensions);
        var connection = _isStarted
            ? Loops.OpenAsync(decision, transport, default).GetAwaiter().GetResult()
            : Loops.All[_opened++ % Loops.All.Length].Open(decision, transport, []);
        if (connection is not null && transport is ScriptedTransport scripted)
        {
            scripted.HasRoom = connection.Flush;
        }

        return connection;
    }

    /// <summary>Cuts a connection; its loop forgets it at once.</summary>
    public void Cut(Connection connection)
    {
        connection.Abort();
        Loops.All[connection.Loop].ForgetEnded();
    }

    public void Publish(RoomKey key, string text) =>
        Fanout.Publish(new Publication { Target = key, Payload = Encoding.UTF8.GetBytes(text) });

    /// <summary>Sends text frames as a loop does; returns whether the connection took them.</summary>
    public static bool Send(Connection connection, params ReadOnlySpan<string> texts)
    {
        var batch = new Batch();
        foreach (var text in texts)
        {
            batch.Add(Frame(text));
        }

        return connection.Send(batch.Bytes, batch.FrameCount) != SendOutcome.Refused;
    }

    public static byte[] Frame(string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        var frame = new byte[ServerFrame.Length(payload.Length)];
        Assert.Equal(frame.Length, ServerFrame.Write(frame, ServerFrame.Text, payload));
        return frame;
    }

    /// <summary>Lets every loop do what is due; returns the turns that they ran.</summary>
    public int RunRound()
    {
        var turns = 0;
        foreach (var loop in Loops.All)
        {
            turns += loop.RunRound(waits: false);
        }

        return turns;
    }

    /// <summary>Lets the only loop take what was published, and run one turn.</summary>
    public bool RunTurn()
    {
        Loop.TakeMail();
        return Loop.RunTurn();
    }

    public Task StartAsync()
    {
        _isStarted = true;
        return Loops.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Loops.StopAsync(CancellationToken.None);
        Loops.Dispose();
        _deflater.Dispose();
        Telemetry.Dispose();
        await _services.DisposeAsync();
    }

    private Connection Open(IConnectionTransport transport, SessionToken session, string? extensions, params string[] rooms)
    {
        var connection = TryOpen(transport, session, extensions, rooms);
        Assert.NotNull(connection);
        return connection;
    }
}
