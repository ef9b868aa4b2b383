using System.Diagnostics.Metrics;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Push.Auth.Tokens;
using Push.Edge;
using Push.Edge.Connections;
using Push.Edge.Fanout;
using Push.Edge.Telemetry;
using Push.Edge.Transports;
using Push.Edge.Transports.Sockets;
using Push.Edge.Transports.WebSockets;

namespace Push.Benchmarks.Fanout;

/// <summary>An Edge's loops and connections, without broker and handshakes.</summary>
internal sealed class EdgeUnderTest : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly DeliveryTelemetry _telemetry;
    private readonly FrameDeflater _deflater;

    // A loop learns from its own poller that a socket has room again. These sockets are none of its own: a thread beside it tells it.
    private readonly EpollPoller _poller = new();
    private readonly List<Connection> _connections = [];
    private readonly Thread _flushing;
    private volatile bool _isStopped;
    private bool _isStarted;

    public EdgeUnderTest(FanoutOptions fanout, CompressionOptions? compression = null)
    {
        var options = new EdgeOptions();
        var metrics = new EdgeMetrics(_services.GetRequiredService<IMeterFactory>());
        var subscribers = new SubscriberIndex();
        var sockets = new SocketLimit(int.MaxValue);
        _telemetry = new DeliveryTelemetry(metrics, TimeProvider.System);
        Loops = new EventLoops(new LoopTerms(
            options,
            fanout,
            Policy: null,
            new ConnectionRegistry(new PresenceRegistrar(), new EdgeReadiness(), metrics, sockets, Options.Create(options)),
            subscribers,
            sockets,
            metrics,
            _telemetry,
            TimeProvider.System,
            NullLogger.Instance,
            UsesSockets: false));
        _deflater = new FrameDeflater(Options.Create(compression ?? new CompressionOptions()));
        Fanout = new RoomFanout(Loops, subscribers, _deflater, _telemetry);
        _flushing = new Thread(Flush) { IsBackground = true };
    }

    public EventLoops Loops { get; }

    public RoomFanout Fanout { get; }

    public Task StartAsync()
    {
        _isStarted = true;
        _flushing.Start();
        return Loops.StartAsync(CancellationToken.None);
    }

    public CountingTransport Open(Socket socket, string room, bool takesDeflate = false)
    {
        var transport = new CountingTransport(new SocketTransport(_poller, (int)socket.Handle, key: (ulong)_connections.Count + 1));
        _connections.Add(Open(transport, takesDeflate, room));
        return transport;
    }

    public Connection Open(IConnectionTransport transport, params string[] rooms) => Open(transport, takesDeflate: false, rooms);

    public async ValueTask DisposeAsync()
    {
        _isStopped = true;
        await Loops.StopAsync(CancellationToken.None);
        if (_isStarted)
        {
            _poller.Wake();
            _flushing.Join();
        }

        Loops.Dispose();
        _poller.Dispose();
        _deflater.Dispose();
        _telemetry.Dispose();
        await _services.DisposeAsync();
    }

    private Connection Open(IConnectionTransport transport, bool takesDeflate, params string[] rooms)
    {
        var session = new SessionToken("token", "device", UserId: null, IsLogin: false, DateTimeOffset.MaxValue);
        var decision = HandshakeDecision.Accept(session, rooms, takesDeflate ? "permessage-deflate" : null);

        // Until it is started, the benchmark is the loop's thread.
        var connection = _isStarted ? Loops.OpenAsync(decision, transport, default).GetAwaiter().GetResult() : Loops.All[0].Open(decision, transport, []);
        return connection ?? throw new InvalidOperationException("The Edge is full.");
    }

    private void Flush()
    {
        while (!_isStopped)
        {
            var count = _poller.Wait(100);
            for (var i = 0; i < count; i++)
            {
                var (key, events) = _poller.Event(i);
                if (key != EpollPoller.WakeKey && (events & EpollPoller.Out) != 0)
                {
                    Loops.Flush(_connections[(int)key - 1]);
                }
            }
        }
    }
}
