using System.Net.Sockets;

namespace Push.TestKit.Network;

/// <summary>One connection through the proxy: two pumps that end together.</summary>
internal sealed class TcpProxyLink(Socket client, ServerAddress upstream, FlowGate flow, AmqpDelay? delay) : IDisposable
{
    private readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly TaskCompletionSource _cut = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile bool _endsWithinFrame;

    public void Cut() => _cut.TrySetResult();

    /// <summary>See <see cref="TcpProxy.EndWithinFrame"/>.</summary>
    public void EndWithinFrame() => _endsWithinFrame = true;

    public async Task RunAsync()
    {
        await Task.WhenAny(ForwardAsync(), _cut.Task);
        Dispose();
    }

    public void Dispose()
    {
        client.Dispose();
        _server.Dispose();
        delay?.Dispose();
    }

    private async Task ForwardAsync()
    {
        try
        {
            client.NoDelay = true;
            await flow.WhenOpenAsync();
            await _server.ConnectAsync(upstream.Host, upstream.Port);
            var fromClient = PumpAsync(client, _server);
            await Task.WhenAny(fromClient, delay is null ? PumpAsync(_server, client) : delay.PumpAsync(_server, client, flow.WhenOpenAsync));
            if (_endsWithinFrame)
            {
                await fromClient;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The server refuses, or a side is gone: both ends are closed by whoever runs the link.
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            for (var count = await from.ReceiveAsync(buffer); count > 0; count = await from.ReceiveAsync(buffer))
            {
                await flow.WhenOpenAsync();
                var isLast = _endsWithinFrame && from == _server;
                count -= isLast ? 1 : 0;
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
                }

                if (isLast)
                {
                    to.Shutdown(SocketShutdown.Send);
                    return;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // As above: the pump that ends first ends the link.
        }
    }
}
