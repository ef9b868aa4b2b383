using System.Net.WebSockets;
using Push.TestKit;
using Push.TestKit.Clients;
using Push.TestKit.Services;

namespace Push.ComposeTests;

/// <summary>Clients of one room behind one address, which may end up at different Edges.</summary>
internal sealed class ClientGroup : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly PushCalls _calls;
    private readonly Uri _webSockets;
    private readonly string _room;

    /// <summary>How many messages of each client were looked at.</summary>
    private readonly Dictionary<PlainClient, int> _clients = [];
    private readonly HashSet<PlainClient> _lost = [];

    private ClientGroup(PushCalls calls, Uri webSockets, string room) => (_calls, _webSockets, _room) = (calls, Topology.WebSocketAddress(webSockets), room);

    public static async Task<ClientGroup> ConnectAsync(PushCalls calls, Uri webSockets, string room, int count)
    {
        var group = new ClientGroup(calls, webSockets, room);
        for (var i = 0; i < count; i++)
        {
            await group.ConnectOneAsync(CancellationToken.None);
        }

        return group;
    }

    /// <summary>Waits until each client has received the message or has lost its connection.</summary>
    public async Task<int> CountLostAsync(string expected)
    {
        var received = await Task.WhenAll(_clients.Keys.Select(async client => (client, Message: await NextAsync(client))));
        foreach (var (client, message) in received)
        {
            if (message is null)
            {
                _lost.Add(client);
            }
            else if (message != expected)
            {
                throw new InvalidOperationException($"A client received '{message}' instead of '{expected}'.");
            }
            else
            {
                _clients[client]++;
            }
        }

        return _lost.Count;
    }

    /// <summary>Does what clients do: tries again until it works.</summary>
    public async Task ReconnectLostAsync(TimeSpan timeout)
    {
        foreach (var client in _lost.ToArray())
        {
            async Task<bool> TryConnectAsync(CancellationToken cancellationToken)
            {
                try
                {
                    await ConnectOneAsync(cancellationToken);
                    return true;
                }
                catch (WebSocketException)
                {
                    return false;
                }
            }

            await Deadline.UntilAsync(TryConnectAsync, timeout, "a client that lost its connection is connected again");
            _clients.Remove(client);
            _lost.Remove(client);
            await client.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Keys)
        {
            await client.DisposeAsync();
        }
    }

    private async Task ConnectOneAsync(CancellationToken cancellationToken)
    {
        var token = await _calls.GetTokenAsync($"{Guid.NewGuid():N}", cancellationToken: cancellationToken);
        _clients.Add(await PlainClient.ConnectAsync(_webSockets, token, _room), 0);
    }

    /// <summary>The next message, or null when the connection has ended, however it did.</summary>
    private async Task<string?> NextAsync(PlainClient client)
    {
        try
        {
            var next = _clients[client];
            return (await client.ReceiveAsync(next + 1, Limit, "a message for a client of the group"))[next];
        }
        catch (InvalidOperationException) when (!client.IsOpen)
        {
            return null;
        }
    }
}
