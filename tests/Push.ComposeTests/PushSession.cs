using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Push.ComposeTests;

/// <summary>One client, as the contract has it: a token, a WebSocket, heartbeats.</summary>
internal sealed class PushSession : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private readonly ClientWebSocket _socket = new();

    private PushSession(string token) => Token = token;

    public string Token { get; }

    public static async Task<PushSession> ConnectAsync(HttpClient http, Uri webSockets, string room)
    {
        var answer = await http.GetFromJsonAsync<JsonObject>($"/get/token?deviceId={Guid.NewGuid():N}");
        var session = new PushSession((string)answer!["data"]!);
        using var deadline = new CancellationTokenSource(Timeout);
        await session._socket.ConnectAsync(new Uri($"ws://{webSockets.Authority}/ws?token={session.Token}&roomIds={room}"), deadline.Token);
        return session;
    }

    /// <returns>The status that the handshake was answered with.</returns>
    public static async Task<HttpStatusCode> ConnectInVainAsync(Uri webSockets, string token)
    {
        using var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        using var deadline = new CancellationTokenSource(Timeout);
        try
        {
            await socket.ConnectAsync(new Uri($"ws://{webSockets.Authority}/ws?token={token}"), deadline.Token);
        }
        catch (WebSocketException) when (socket.HttpStatusCode != 0)
        {
            // That is what was asked for.
        }

        return socket.HttpStatusCode;
    }

    /// <summary>The next text frame, or null when the connection has ended, however it did.</summary>
    public async Task<string?> ReceiveAsync()
    {
        using var deadline = new CancellationTokenSource(Timeout);
        var buffer = new byte[4096];
        try
        {
            var received = await _socket.ReceiveAsync(buffer.AsMemory(), deadline.Token);
            return received.MessageType == WebSocketMessageType.Text ? Encoding.UTF8.GetString(buffer, 0, received.Count) : null;
        }
        catch (WebSocketException)
        {
            return null;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Nothing was received within {Timeout}.");
        }
    }

    /// <summary>The code of the server's close frame; null where the connection just broke.</summary>
    public int? CloseCode => (int?)_socket.CloseStatus;

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
