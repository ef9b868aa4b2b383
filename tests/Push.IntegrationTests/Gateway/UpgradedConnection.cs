using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Push.IntegrationTests.Gateway;

/// <summary>A connection through the gateway whose protocol was switched, as a WebSocket's is.</summary>
internal sealed class UpgradedConnection : IAsyncDisposable
{
    private readonly CancellationTokenSource _deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly TcpClient _client = new();
    private StreamReader _reader = StreamReader.Null;

    private UpgradedConnection()
    {
    }

    /// <summary>All that is done with the connection must be done within <paramref name="limit"/>.</summary>
    public static async Task<UpgradedConnection> OpenAsync(Uri gateway, TimeSpan limit)
    {
        var connection = new UpgradedConnection();
        connection._deadline.CancelAfter(limit);
        await connection._client.ConnectAsync(gateway.Host, gateway.Port, connection._deadline.Token);
        connection._reader = new StreamReader(connection._client.GetStream());
        await connection.SendAsync("GET /ws?token=a HTTP/1.1\r\nHost: push.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        Assert.Equal("HTTP/1.1 101 Switching Protocols", await connection.ReadLineAsync("the answer to the handshake"));
        while (await connection.ReadLineAsync("the header fields") is { Length: > 0 })
        {
            // Nothing to see there.
        }

        return connection;
    }

    public async Task SendAsync(string text) => await _client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), _deadline.Token);

    public async Task<string?> ReadLineAsync(string phase)
    {
        try
        {
            return await _reader.ReadLineAsync(_deadline.Token);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Not in time: {phase}");
        }
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _client.Dispose();
        _deadline.Dispose();
        return ValueTask.CompletedTask;
    }
}
