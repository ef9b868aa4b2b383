using System.Net;
using System.Net.Sockets;

namespace Push.IntegrationTests.Gateway;

/// <summary>An address that answers no attempt to connect, as that of a machine that is gone: a listener that accepts nothing and whose queue is full.</summary>
internal sealed class BlackHole : IDisposable
{
    private static readonly TimeSpan Unanswered = TimeSpan.FromMilliseconds(300);

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _queued = [];

    private BlackHole()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1);
    }

    public string Url => $"http://{_listener.LocalEndPoint}";

    public static async Task<BlackHole> OpenAsync(CancellationToken cancellationToken)
    {
        var hole = new BlackHole();
        while (await hole.QueueAsync(cancellationToken))
        {
            // The system decides how many it takes.
        }

        return hole;
    }

    public void Dispose()
    {
        _queued.ForEach(socket => socket.Dispose());
        _listener.Dispose();
    }

    private async Task<bool> QueueAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _queued.Add(socket);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Unanswered);
        try
        {
            await socket.ConnectAsync(_listener.LocalEndPoint!, deadline.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
