using System.Buffers;
using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.Edge.Connections;
using Push.Edge.Telemetry;
using Push.Edge.Transports;
using Push.Edge.Transports.Sockets;

namespace Push.Edge.Fanout;

/// <summary>What all loops of an Edge share. A policy is needed where they use sockets, that is, accept them and read handshakes themselves.</summary>
internal sealed record LoopTerms(
    EdgeOptions Edge,
    FanoutOptions Fanout,
    HandshakePolicy? Policy,
    ConnectionRegistry Connections,
    SubscriberIndex Subscribers,
    SocketLimit Sockets,
    EdgeMetrics Metrics,
    DeliveryTelemetry Telemetry,
    TimeProvider Time,
    ILogger Logger,
    bool UsesSockets);

/// <summary>All loops of this Edge, and what other threads may ask of them. A connection stays in the loop that it was given.</summary>
internal sealed partial class EventLoops : IHostedService, IDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly LoopTerms _terms;
    private readonly EventLoop[] _loops;
    private readonly ILogger _logger;
    private readonly LoopWatchdog _watchdog;
    private int _next = -1;
    private bool _isStarted;

    public EventLoops(
        IOptions<EdgeOptions> edge,
        IOptions<FanoutOptions> fanout,
        ConnectionRegistry connections,
        SubscriberIndex subscribers,
        SocketLimit sockets,
        EdgeMetrics metrics,
        DeliveryTelemetry telemetry,
        TimeProvider time,
        ILogger<EventLoop> logger,
        HandshakePolicy? policy = null)
        : this(new LoopTerms(
            edge.Value, fanout.Value, policy, connections, subscribers, sockets, metrics, telemetry, time, logger, policy is not null && edge.Value.UsesSockets))
    {
    }

    public EventLoops(LoopTerms terms)
    {
        _terms = terms;
        UsesSockets = terms.UsesSockets;
        _logger = terms.Logger;
        _loops = [.. Enumerable.Range(0, terms.Fanout.LoopCount).Select(number => new EventLoop(number, this, terms))];
        _watchdog = new LoopWatchdog(_loops, _logger);
    }

    /// <summary>Whether the loops accept and serve sockets themselves. Otherwise everything comes through pipes.</summary>
    public bool UsesSockets { get; }

    public ReadOnlySpan<EventLoop> All => _loops;

    public long Backlog => _loops.Sum(loop => loop.Mail.Backlog);

    public long QueuedBytes => _loops.Sum(loop => loop.QueuedBytes);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_terms.Connections.Limit < _terms.Edge.MaxConnections)
        {
            LogFewFiles(_terms.Edge.MaxConnections, _terms.Connections.Limit);
        }

        _isStarted = true;
        foreach (var loop in _loops)
        {
            loop.Thread.Start();
        }

        _watchdog.Start();
        return Task.CompletedTask;
    }

    /// <summary>Lets the rounds in progress end, then the threads. Whoever is still connected is cut.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _watchdog.Dispose();
        foreach (var loop in _loops)
        {
            loop.Mail.Post(static loop => loop.Stop());
        }

        foreach (var loop in _loops)
        {
            if (_isStarted && !loop.Thread.Join(StopTimeout))
            {
                throw new TimeoutException($"{loop.Thread.Name} has not ended its round.");
            }
        }

        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _watchdog.Dispose();
        foreach (var loop in _loops)
        {
            if (!loop.Thread.IsAlive)
            {
                loop.Dispose();
            }
        }
    }

    // ---- Sockets ----

    /// <summary>Accepts on a listening descriptor. The first loop accepts and deals out, so that every loop gets its share.</summary>
    public void Listen(LoopEndpoint endpoint) => _loops[0].Mail.Post(loop => loop.Listen(endpoint));

    /// <summary>Returns when nothing is accepted any more: the descriptor may be closed.</summary>
    public Task StopListeningAsync(LoopEndpoint endpoint)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isPosted = _loops[0].Mail.Post(loop =>
        {
            loop.StopListening(endpoint);
            done.SetResult();
        });
        return isPosted ? done.Task : Task.CompletedTask;
    }

    /// <summary>Gives an accepted socket to the loop whose turn it is.</summary>
    public void Deal(EventLoop accepting, int descriptor, LoopEndpoint endpoint)
    {
        var loop = Next();
        if (loop == accepting)
        {
            loop.Admit(descriptor, endpoint);
        }
        else if (!loop.Mail.Post(loop => loop.Admit(descriptor, endpoint)))
        {
            Libc.Close(descriptor);
        }
    }

    // ---- Connections ----

    /// <summary>A handshake that came through a pipe and was accepted. Null where the Edge is full or draining by now: nothing has been written then.</summary>
    public Task<Connection?> OpenAsync(HandshakeDecision decision, IConnectionTransport transport, ReadOnlyMemory<byte> head)
    {
        var opened = new TaskCompletionSource<Connection?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isPosted = Next().Mail.Post(loop => opened.SetResult(loop.Open(decision, transport, head.Span)));
        return isPosted ? opened.Task : Task.FromResult<Connection?>(null);
    }

    /// <summary>Returns when the loop has taken the bytes, at most <see cref="EventLoop.ReadBytes"/>. One call at a time, so that a client that sends fast waits here and not in the mailbox.</summary>
    public Task ReceiveAsync(Connection connection, ReadOnlySequence<byte> bytes)
    {
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isPosted = _loops[connection.Loop].Mail.Post(loop =>
        {
            loop.Guarded(connection, bytes, static (loop, connection, bytes) => loop.Receive(connection, bytes));
            taken.SetResult();
        });
        return isPosted ? taken.Task : Task.CompletedTask;
    }

    /// <summary>The connection's pipe has room again.</summary>
    public void Flush(Connection connection) => Post(connection, static (_, connection) => connection.Flush());

    /// <summary>Nothing more comes from the client.</summary>
    public void PeerGone(Connection connection) => Post(connection, static (_, connection) => connection.PeerGone());

    /// <summary>Sends a close frame behind what waits, and ends the connection in good order. The first reason stands.</summary>
    public void Close(Connection connection, CloseReason reason) => Post(connection, (_, connection) => connection.Close(reason));

    /// <summary>Cuts the connection at once.</summary>
    public void Abort(Connection connection) => Post(connection, static (_, connection) => connection.Abort());

    /// <summary>Adds the connection to a room.</summary>
    public void Subscribe(Connection connection, string roomId) => Post(connection, (loop, connection) => loop.Subscribe(connection, roomId));

    /// <summary>Takes the connection out of a room.</summary>
    public void Unsubscribe(Connection connection, string roomId) => Post(connection, (loop, connection) => loop.Unsubscribe(connection, roomId));

    /// <summary>Sends a publication to this connection alone, whatever rooms it is in.</summary>
    public void Send(Connection connection, EncodedPublication publication) =>
        Post(connection, (_, connection) => connection.Send(publication.For(connection.Form), frames: 1));

    [LoggerMessage(EventIds.FewFiles, LogLevel.Warning, "The limit of open files allows fewer connections than Edge:MaxConnections ({Configured}): at most {Allowed} are taken. Raise the limit (ulimit -n, LimitNOFILE), or lower the setting.")]
    private partial void LogFewFiles(int configured, int allowed);

    /// <summary>Sends whole frames to this connection a piece at a time, as fast as it reads and in turn with the rooms, however many they are.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="frames">Read and disposed by the loop: each step must return at once.</param>
    public void Replay(Connection connection, IEnumerator<ReadOnlyMemory<byte>> frames) => Post(connection, (loop, connection) => loop.Replay(connection, frames));

    private EventLoop Next() => _loops[(uint)Interlocked.Increment(ref _next) % (uint)_loops.Length];

    private void Post(Connection connection, Action<EventLoop, Connection> command) =>
        _loops[connection.Loop].Mail.Post(loop => loop.Guarded(connection, command, static (loop, connection, command) => command(loop, connection)));
}

/// <summary>Names a loop that stands still. Nothing in a loop waits, so one that ends no round for long will not end any, and its clients get nothing.</summary>
internal sealed partial class LoopWatchdog(EventLoop[] loops, ILogger logger) : IDisposable
{
    /// <summary>Counted in short checks, so that a process that was suspended meanwhile is not taken for a stalled one.</summary>
    private static readonly TimeSpan Check = TimeSpan.FromSeconds(1);

    private const int ChecksToWarn = 5;
    private const int ChecksToEnd = 30;

    private readonly long[] _rounds = new long[loops.Length];
    private readonly int[] _stalled = new int[loops.Length];
    private Timer? _timer;

    public void Start() => _timer = new Timer(static state => ((LoopWatchdog)state!).Look(), this, Check, Check);

    public void Dispose() => _timer?.Dispose();

    internal void Look()
    {
        for (var i = 0; i < loops.Length; i++)
        {
            var rounds = loops[i].Rounds;
            _stalled[i] = rounds == _rounds[i] ? _stalled[i] + 1 : 0;
            _rounds[i] = rounds;
            if (_stalled[i] == ChecksToWarn)
            {
                LogStalled(i, _stalled[i]);
            }
            else if (_stalled[i] == ChecksToEnd)
            {
                Environment.FailFast($"Loop {i} has ended no round for {ChecksToEnd} s, with {loops[i].Mail.Backlog} bytes waiting.");
            }
        }
    }

    [LoggerMessage(EventIds.LoopStalled, LogLevel.Error, "Loop {Number} has ended no round for {Seconds} s: its clients get nothing meanwhile.")]
    private partial void LogStalled(int number, int seconds);
}
