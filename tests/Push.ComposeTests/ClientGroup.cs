using Push.TestKit;
using System.Net.WebSockets;

namespace Push.ComposeTests;

/// <summary>Clients of one room behind one address, which may end up at different Edges.</summary>
internal sealed class ClientGroup : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly Uri _webSockets;
    private readonly string _room;
    private readonly List<PushSession> _sessions = [];
    private readonly HashSet<PushSession> _lost = [];

    private ClientGroup(HttpClient http, Uri webSockets, string room) => (_http, _webSockets, _room) = (http, webSockets, room);

    public static async Task<ClientGroup> ConnectAsync(HttpClient http, Uri webSockets, string room, int count)
    {
        var group = new ClientGroup(http, webSockets, room);
        for (var i = 0; i < count; i++)
        {
            group._sessions.Add(await PushSession.ConnectAsync(http, webSockets, room));
        }

        return group;
    }

    /// <summary>Waits until each client has received the message or has lost its connection.</summary>
    public async Task<int> CountLostAsync(string expected)
    {
        var received = await Task.WhenAll(_sessions.Select(async session => (session, Message: await session.ReceiveAsync())));
        foreach (var (session, message) in received)
        {
            if (message is null)
            {
                _lost.Add(session);
            }
            else if (message != expected)
            {
                throw new InvalidOperationException($"A client received '{message}' instead of '{expected}'.");
            }
        }

        return _lost.Count;
    }

    /// <summary>Does what clients do: tries again until it works.</summary>
    public async Task ReconnectLostAsync(TimeSpan timeout)
    {
        foreach (var session in _lost.ToArray())
        {
            async Task<bool> TryConnectAsync(CancellationToken cancellationToken)
            {
                try
                {
                    _sessions.Add(await PushSession.ConnectAsync(_http, _webSockets, _room));
                    return true;
                }
                catch (WebSocketException)
                {
                    return false;
                }
            }

            await Deadline.UntilAsync(TryConnectAsync, timeout, "a client that lost its connection is connected again");
            _sessions.Remove(session);
            _lost.Remove(session);
            await session.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions)
        {
            await session.DisposeAsync();
        }
    }
}
