using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Push.TestKit.Network;

/// <summary>
/// Stands between a service and a server, so that a test can break the way between them:
/// refuse (as a stopped server does) or hold everything back (as a paused one or a network that drops packets does).
/// </summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly ServerAddress _upstream;
    private readonly ConcurrentDictionary<TcpProxyLink, Task> _links = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly FlowGate _flow = new();
    private readonly bool _isAmqp;
    private long _deliveryDelay;
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    private TcpProxy(ServerAddress upstream, bool isAmqp) => (_upstream, _isAmqp) = (upstream, isAmqp);

    public ServerAddress Address { get; } = ServerAddress.Loopback(FreePort.Take());

    /// <summary>How long a broker's deliveries are held back, from now on; with <see cref="StartAmqp"/> alone.</summary>
    public TimeSpan DeliveryDelay
    {
        get => new(Volatile.Read(ref _deliveryDelay));
        set => Volatile.Write(ref _deliveryDelay, value.Ticks);
    }

    public static TcpProxy Start(ServerAddress upstream) => Start(upstream, isAmqp: false);

    /// <summary>A proxy that knows the frames of AMQP 0.9.1.</summary>
    public static TcpProxy StartAmqp(ServerAddress upstream) => Start(upstream, isAmqp: true);

    private static TcpProxy Start(ServerAddress upstream, bool isAmqp)
    {
        var proxy = new TcpProxy(upstream, isAmqp);
        proxy.Accept();
        return proxy;
    }

    /// <summary>Lets new connections in.</summary>
    public void Accept()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, Address.Port));
        listener.Listen();
        _listener = listener;
        _accepting = AcceptAsync(listener);
    }

    /// <summary>Cuts every connection and refuses new ones until <see cref="Accept"/>.</summary>
    public async Task RefuseAsync()
    {
        _listener?.Dispose();
        _listener = null;
        await _accepting;
        await CutAsync();
    }

    /// <summary>Cuts every connection; new ones are let in.</summary>
    public async Task CutAsync()
    {
        var links = _links.ToArray();
        foreach (var (link, _) in links)
        {
            link.Cut();
        }

        await Task.WhenAll(links.Select(link => link.Value));
    }

    /// <summary>
    /// Lets each present connection end within the next bytes that the server sends: the last byte and all that follow are kept back, and
    /// the client is told that nothing more comes. Its own bytes are still taken.
    /// </summary>
    public void EndWithinFrame()
    {
        foreach (var link in _links.Keys)
        {
            link.EndWithinFrame();
        }
    }

    /// <summary>Forwards nothing, in either direction, until <see cref="Release"/>: connections stay open and silent.</summary>
    public void Hold() => _flow.Close();

    /// <summary>Forwards what was held back, and everything after it.</summary>
    public void Release() => _flow.Open();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await RefuseAsync();
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await listener.AcceptAsync(_stopping.Token);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                return;
            }

            var link = new TcpProxyLink(client, _upstream, _flow, _isAmqp ? new AmqpDelay(() => DeliveryDelay) : null);
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _links[link] = RunAsync(link, started.Task);
            started.SetResult();
        }
    }

    private async Task RunAsync(TcpProxyLink link, Task registered)
    {
        await registered;
        await link.RunAsync();
        _links.TryRemove(link, out _);
    }
}
