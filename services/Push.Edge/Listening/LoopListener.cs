using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using Push.Edge.Fanout;
using Push.Edge.Transports.Sockets;
using Push.Edge.Transports.WebSockets;

namespace Push.Edge.Listening;

/// <summary>Lets the event loops accept on a port, and hands to Kestrel what they do not serve, as if it had accepted it itself.</summary>
internal sealed partial class LoopListener : IConnectionListener
{
    // Kestrel takes them as they come. Beyond that it is overwhelmed, and a client is better off with another Edge.
    private const int MaxWaiting = 1024;

    private readonly Socket _listener;
    private readonly EventLoops _loops;
    private readonly SocketLimit _sockets;
    private readonly SocketConnectionContextFactory _server;

    // The factory's, unless a test gives another.
    private readonly Func<Socket, ConnectionContext> _create;
    private readonly ServerMemory _memory;
    private readonly ILogger _logger;
    private readonly Channel<(int Descriptor, Refusal? Refusal)> _others =
        Channel.CreateBounded<(int Descriptor, Refusal? Refusal)>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.Wait });

    private readonly LoopEndpoint _endpoint;
    private bool _isUnbound;

    public LoopListener(
        Socket listener,
        EventLoops loops,
        SocketLimit sockets,
        SocketConnectionContextFactory server,
        MemoryPool<byte> memory,
        ILogger<LoopListener> logger,
        Func<Socket, ConnectionContext>? create = null)
    {
        _listener = listener;
        _loops = loops;
        _sockets = sockets;
        _server = server;
        _create = create ?? server.Create;
        _memory = new ServerMemory(memory);
        _logger = logger;
        EndPoint = listener.LocalEndPoint!;
        _endpoint = new LoopEndpoint((int)listener.Handle, (descriptor, refusal) => _others.Writer.TryWrite((descriptor, refusal)));
        loops.Listen(_endpoint);
    }

    public EndPoint EndPoint { get; }

    /// <summary>
    /// The next connection that is Kestrel's to serve; null once unbound. Kestrel never accepts again after an exception: a socket that no connection
    /// can be made of costs itself alone.
    /// </summary>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _others.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_others.Reader.TryRead(out var other) && Create(other.Descriptor, other.Refusal) is { } connection)
            {
                return connection;
            }
        }

        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        if (_isUnbound)
        {
            return;
        }

        _isUnbound = true;
        await _loops.StopListeningAsync(_endpoint);
        _listener.Dispose();
        _others.Writer.TryComplete();
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        while (_others.Reader.TryRead(out var other))
        {
            Libc.Close(other.Descriptor);
            _sockets.Return();
        }

        _server.Dispose();
        _memory.MemoryPool.Dispose();
    }

    // The runtime's socket is made here, off the loop: it costs several system calls. Null where the peer has reset it meanwhile.
    private ConnectionContext? Create(int descriptor, Refusal? refusal)
    {
        var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
        try
        {
            var connection = _create(socket);

            // The factory's own pool hands out empty buffers where no size is asked for, which Kestrel's HTTP does.
            connection.Features.Set<IMemoryPoolFeature>(_memory);
            if (refusal is not null)
            {
                connection.Features.Set(new RefusedHandshake(refusal));
            }

            connection.ConnectionClosed.UnsafeRegister(static sockets => ((SocketLimit)sockets!).Return(), _sockets);
            return connection;
        }
        catch (Exception e)
        {
            LogNotServed(_logger, e.Message);
            socket.Dispose();
            _sockets.Return();
            return null;
        }
    }

    [LoggerMessage(EventIds.ConnectionNotServed, LogLevel.Debug, "A new connection had ended before the server took it ({Error}).")]
    private static partial void LogNotServed(ILogger logger, string error);

    private sealed class ServerMemory(MemoryPool<byte> pool) : IMemoryPoolFeature
    {
        public MemoryPool<byte> MemoryPool => pool;
    }
}

/// <summary>Of a connection whose first request is a handshake that was refused before Kestrel got it: decided once, answered by <see cref="HandshakeEndpoint"/>.</summary>
internal sealed class RefusedHandshake(Refusal refusal)
{
    private Refusal? _refusal = refusal;

    /// <summary>Null for the requests that follow the first.</summary>
    public Refusal? Take() => Interlocked.Exchange(ref _refusal, null);
}

/// <summary>Makes Kestrel listen on TCP ports through <see cref="LoopListener"/>, where the loops serve sockets.</summary>
internal sealed class LoopListenerFactory(
    EventLoops loops,
    SocketLimit sockets,
    IMemoryPoolFactory<byte> memory,
    IOptions<SocketTransportOptions> transport,
    IOptions<EdgeOptions> edge,
    ILogger<LoopListener> logger) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => loops.UsesSockets && endpoint is IPEndPoint;

    /// <exception cref="AddressInUseException">Somebody else listens there.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket? socket = null;
        try
        {
            socket = transport.Value.CreateBoundListenSocket(endpoint);

            // Accepted sockets have them from the listener. The send buffer bounds what a client that does not read pins of the kernel's memory: by
            // default megabytes.
            socket.NoDelay = true;
            socket.SendBufferSize = edge.Value.SocketSendBufferBytes;
            socket.Blocking = false;
            socket.Listen(transport.Value.Backlog);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            if (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                throw new AddressInUseException(e.Message, e);
            }

            // As the server's own factory does: where there is no IPv6, the server then goes on with IPv4 alone.
            throw;
        }

        var server = new SocketConnectionContextFactory(new SocketConnectionFactoryOptions(), logger);
        return ValueTask.FromResult<IConnectionListener>(new LoopListener(socket, loops, sockets, server, memory.Create(), logger));
    }
}
