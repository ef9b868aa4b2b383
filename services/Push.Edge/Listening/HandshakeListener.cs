using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Push.Edge.Listening;

/// <summary>Accepts TCP connections, offers each to <see cref="SocketHandshake"/>, and hands the others to Kestrel as if it had accepted them itself.</summary>
internal sealed partial class HandshakeListener : IConnectionListener
{
    // Kestrel takes them as they come; while it does not, those that follow wait in tasks of their own.
    private const int MaxWaiting = 256;

    /// <summary>After an accept that failed for want of something: files, memory.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener;
    private readonly SocketHandshake _upgrade;
    private readonly SocketConnectionContextFactory _server;

    // The factory's, unless a test gives another.
    private readonly Func<Socket, ConnectionContext> _create;
    private readonly ServerMemory _memory;
    private readonly ILogger _logger;
    private readonly Channel<Socket> _others = Channel.CreateBounded<Socket>(MaxWaiting);
    private readonly Task _accepting;
    private volatile bool _isUnbound;

    public HandshakeListener(
        Socket listener,
        SocketHandshake upgrade,
        SocketConnectionContextFactory server,
        MemoryPool<byte> memory,
        ILogger<HandshakeListener> logger,
        Func<Socket, ConnectionContext>? create = null)
    {
        _listener = listener;
        _upgrade = upgrade;
        _server = server;
        _create = create ?? server.Create;
        _memory = new ServerMemory(memory);
        _logger = logger;
        EndPoint = listener.LocalEndPoint!;
        _accepting = AcceptAllAsync();
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
            if (_others.Reader.TryRead(out var socket) && Create(socket) is { } connection)
            {
                return connection;
            }
        }

        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _isUnbound = true;
        _listener.Dispose();
        await _accepting;
        _others.Writer.TryComplete();
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        while (_others.Reader.TryRead(out var socket))
        {
            socket.Dispose();
        }

        _server.Dispose();
        _memory.MemoryPool.Dispose();
    }

    private async Task AcceptAllAsync()
    {
        while (true)
        {
            try
            {
                _ = OfferAsync(await _listener.AcceptAsync());
            }
            catch (Exception) when (_isUnbound)
            {
                return;
            }
            catch (Exception e)
            {
                LogNotAccepted(_logger, e.Message, Pause.TotalMilliseconds);
                await Task.Delay(Pause);
            }
        }
    }

    /// <summary>Null where the socket has been reset or disposed meanwhile.</summary>
    private ConnectionContext? Create(Socket socket)
    {
        try
        {
            var connection = _create(socket);

            // The factory's own pool hands out empty buffers where no size is asked for, which Kestrel's HTTP does.
            connection.Features.Set<IMemoryPoolFeature>(_memory);
            return connection;
        }
        catch (Exception e)
        {
            LogNotServed(_logger, e.Message);
            socket.Dispose();
            return null;
        }
    }

    /// <summary>Sees its own failures: nobody waits for it.</summary>
    private async Task OfferAsync(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            socket.Blocking = false;
            if (!await _upgrade.TryServeAsync(socket))
            {
                await _others.Writer.WriteAsync(socket);
            }
        }
        catch (Exception e) when (ConnectionReader.IsLost(e) || e is ChannelClosedException)
        {
            socket.Dispose();
        }
        catch (Exception e)
        {
            LogFailed(_logger, e);
            socket.Dispose();
        }
    }

    [LoggerMessage(EventIds.ConnectionNotAccepted, LogLevel.Warning, "A connection could not be accepted ({Error}); the next attempt follows in {Pause} ms.")]
    private static partial void LogNotAccepted(ILogger logger, string error, double pause);

    [LoggerMessage(EventIds.ConnectionFailed, LogLevel.Error, "A new connection failed; it is cut.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.ConnectionNotServed, LogLevel.Debug, "A new connection had ended before the server took it ({Error}).")]
    private static partial void LogNotServed(ILogger logger, string error);

    private sealed class ServerMemory(MemoryPool<byte> pool) : IMemoryPoolFeature
    {
        public MemoryPool<byte> MemoryPool => pool;
    }
}

/// <summary>Makes Kestrel listen on TCP ports through <see cref="HandshakeListener"/>.</summary>
internal sealed class HandshakeListenerFactory(
    SocketHandshake upgrade,
    IMemoryPoolFactory<byte> memory,
    IOptions<SocketTransportOptions> options,
    ILogger<HandshakeListener> logger) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    /// <exception cref="AddressInUseException">Somebody else listens there.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var transport = options.Value;
        Socket? socket = null;
        try
        {
            socket = transport.CreateBoundListenSocket(endpoint);
            socket.Listen(transport.Backlog);
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
        return ValueTask.FromResult<IConnectionListener>(new HandshakeListener(socket, upgrade, server, memory.Create(), logger));
    }
}
