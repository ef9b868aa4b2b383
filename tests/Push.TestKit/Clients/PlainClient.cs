using System.Diagnostics;
using System.Net.Security;
using System.Net.WebSockets;
using System.Text;

namespace Push.TestKit.Clients;

/// <summary>A client in plain mode: it keeps what it receives, in order, and waits for it with deadlines.</summary>
public sealed class PlainClient : IAsyncDisposable
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(10);

    private readonly ClientWebSocket _socket;
    private readonly CancellationTokenSource _leaving = new();
    private readonly long _startedAt;
    private readonly Lock _gate = new();
    private readonly List<string> _received = [];
    private TaskCompletionSource _changed = NewSignal();
    private Task _heartbeats = Task.CompletedTask;

    private PlainClient(ClientWebSocket socket, long startedAt)
    {
        _socket = socket;
        _startedAt = startedAt;
        Closed = ReceiveAsync();
    }

    /// <summary>Completes when the connection has ended, whoever ended it.</summary>
    public Task<ClientClose> Closed { get; }

    /// <summary>What was negotiated (<c>Sec-WebSocket-Extensions</c> of the response); null where nothing was.</summary>
    public string? Extensions => _socket.HttpResponseHeaders!.TryGetValue("Sec-WebSocket-Extensions", out var values) ? string.Join(", ", values) : null;

    public bool IsOpen => !Closed.IsCompleted;

    public IReadOnlyList<string> Received
    {
        get
        {
            lock (_gate)
            {
                return [.. _received];
            }
        }
    }

    /// <summary>Connects to <c>ws://…/ws</c>; any certificate is good enough.</summary>
    /// <param name="edge">Where to.</param>
    /// <param name="token">Whose session it is.</param>
    /// <param name="roomIds">As they stand in the query.</param>
    /// <param name="offersDeflate">Whether to offer permessage-deflate.</param>
    public static async Task<PlainClient> ConnectAsync(Uri edge, string token, string? roomIds = null, bool offersDeflate = false)
    {
        var rooms = roomIds is null ? "" : $"&roomIds={Uri.EscapeDataString(roomIds)}";
        var address = new UriBuilder(edge) { Query = $"token={token}{rooms}" }.Uri;
        var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, _, _, errors) => errors is SslPolicyErrors.None or SslPolicyErrors.RemoteCertificateChainErrors;
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.DangerousDeflateOptions = offersDeflate ? new WebSocketDeflateOptions() : null;
        var startedAt = Stopwatch.GetTimestamp();
        try
        {
            await socket.ConnectAsync(address, CancellationToken.None).WithinAsync(ConnectLimit, $"connection to {edge}");
            return new PlainClient(socket, startedAt);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends heartbeats until the client is disposed of; without them a connection lasts for the time-out.</summary>
    /// <param name="calls">Of the instance that takes the heartbeats.</param>
    /// <param name="token">The client's.</param>
    /// <param name="interval">10 seconds unless told.</param>
    public void KeepAlive(PushCalls calls, string token, TimeSpan? interval = null) => _heartbeats = BeatAsync(calls, token, interval ?? HeartbeatInterval);

    /// <summary>Waits for <paramref name="count"/> messages in all and gives them.</summary>
    public async Task<IReadOnlyList<string>> ReceiveAsync(int count, TimeSpan limit, string phase)
    {
        await UntilAsync(received => received.Count >= count, limit, $"{phase}: message {count}");
        return Received;
    }

    /// <summary>
    /// Waits for the message <paramref name="last"/> and gives those before it. Where it is published after the others, in the same
    /// room, nothing that comes before it can still be on its way: so a test shows that no message was too many without waiting for one.
    /// </summary>
    public async Task<IReadOnlyList<string>> ReceiveUntilAsync(string last, TimeSpan limit, string phase)
    {
        await UntilAsync(received => received.Contains(last), limit, $"{phase}: the message '{last}'");
        return [.. Received.TakeWhile(message => message != last)];
    }

    public Task SendAsync(string text) => _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    /// <summary>Says goodbye as a well-behaved client does.</summary>
    public async Task CloseAsync()
    {
        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await Closed.WithinAsync(ConnectLimit, "answer to a close frame");
    }

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        _socket.Abort();
        await Closed;
        await _heartbeats;
        _socket.Dispose();
        _leaving.Dispose();
    }

    private async Task UntilAsync(Func<IReadOnlyCollection<string>, bool> isEnough, TimeSpan limit, string phase)
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (isEnough(_received))
                {
                    return;
                }

                changed = _changed.Task;
            }

            var left = limit - Stopwatch.GetElapsedTime(startedAt);
            var what = $"{phase} (after {limit.TotalSeconds:0} s there are {Received.Count})";
            var next = await Task.WhenAny(changed, Closed).WithinAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, what);
            if (next == Closed && !changed.IsCompleted)
            {
                throw new InvalidOperationException($"{phase}: the connection ended, {await Closed}");
            }
        }
    }

    private async Task<ClientClose> ReceiveAsync()
    {
        var buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), _leaving.Token);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return new ClientClose((int?)_socket.CloseStatus, _socket.CloseStatusDescription, Stopwatch.GetElapsedTime(_startedAt));
                }

                message.Write(buffer, 0, part.Count);
                if (part.EndOfMessage)
                {
                    Add(Encoding.UTF8.GetString(message.GetBuffer(), 0, (int)message.Length));
                    message.SetLength(0);
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            return new ClientClose(null, e.Message, Stopwatch.GetElapsedTime(_startedAt));
        }
    }

    private void Add(string text)
    {
        lock (_gate)
        {
            _received.Add(text);
            _changed.SetResult();
            _changed = NewSignal();
        }
    }

    private async Task BeatAsync(PushCalls calls, string token, TimeSpan interval)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_leaving.Token))
            {
                await calls.HeartbeatAsync(token, _leaving.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or ObjectDisposedException)
        {
            // Whether its heartbeats get through is the test's question; it sees the connection end.
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
