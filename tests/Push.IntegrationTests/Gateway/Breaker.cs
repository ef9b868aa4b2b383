using System.Net;
using System.Net.Sockets;

namespace Push.IntegrationTests.Gateway;

/// <summary>A destination that dies at work: it takes connections, reads the beginning of each request and closes.</summary>
internal sealed class Breaker : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    public Breaker()
    {
        _listener.Start();
        _work = WorkAsync();
    }

    public string Url => $"http://{_listener.LocalEndpoint}";

    public int Broken { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task WorkAsync()
    {
        try
        {
            while (true)
            {
                using var connection = await _listener.AcceptTcpClientAsync(_stop.Token);
                if (await connection.GetStream().ReadAsync(new byte[1], _stop.Token) > 0)
                {
                    Broken++;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // That is its end.
        }
    }
}
