using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Push.Edge.Listening;

/// <summary>Accepts TCP connections, offers each to <see cref="SocketUpgrade"/>, and hands the others to Kestrel as if it had accepted them itself.</summary>
internal sealed partial class UpgradeListener : IConnectionListener
{
    // Kestrel takes them as they come; while it does not, those that follow wait in tasks of their own.
    private const int MaxWaiting = 256;

    /// <summary>After an accept that failed for want of something: files, memory.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener;
    private readonly SocketUpgrade _upgrade;
    private readonly SocketConnectionContextFactory _server;
    private readonly ServerMemory _memory;
    private readonly ILogger _logger;
    private readonly Channel<Socket> _others = Channel.CreateBounded<Socket>(MaxWaiting);
    private readonly Task _accepting;

    public UpgradeListener(
        Socket listener, SocketUpgrade upgrade, SocketConnectionContextFactory server, MemoryPool<byte> memory, ILogger<UpgradeListener> logger)
    {
        _listener = listener;
        _upgrade = upgrade;
        _server = server;
        _memory = new ServerMemory(memory);
        _logger = logger;
        EndPoint = listener.LocalEndPoint!;
        _accepting = AcceptAllAsync();
    }

    public EndPoint EndPoint { get; }

    /// <summary>The next connection that is Kestrel's to serve; null once unbound.</summary>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _others.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_others.Reader.TryRead(out var socket))
            {
                var connection = _server.Create(socket);

                // The factory's own pool hands out empty buffers where no size is asked for, which Kestrel's HTTP does.
                connection.Features.Set<IMemoryPoolFeature>(_memory);
                return connection;
            }
        }

        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
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
            catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return;
            }
            catch (SocketException e)
            {
                LogNotAccepted(_logger, e.SocketErrorCode, Pause.TotalMilliseconds);
                await Task.Delay(Pause);
            }
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

    private sealed class ServerMemory(MemoryPool<byte> pool) : IMemoryPoolFeature
    {
        public MemoryPool<byte> MemoryPool => pool;
    }
}
