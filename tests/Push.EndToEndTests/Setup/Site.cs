using Push.TestKit.Clients;
using Push.TestKit.Services;

namespace Push.EndToEndTests.Setup;

/// <summary>A running Push as one test sees it through an entrance. The clients that it connects leave with it.</summary>
public sealed class Site : IAsyncDisposable
{
    private readonly List<PlainClient> _clients = [];
    private readonly PushCalls[] _apis;
    private readonly TimeSpan? _heartbeatInterval;

    public Site(Topology topology, bool throughGateway = false, TimeSpan? heartbeatInterval = null)
    {
        ArgumentNullException.ThrowIfNull(topology);
        Topology = topology;
        _heartbeatInterval = heartbeatInterval;
        IReadOnlyList<Uri> apis = throughGateway ? [topology.Gateway!] : topology.Apis;
        Edges = throughGateway ? [Topology.WebSocketAddress(topology.Gateway!)] : topology.Edges;
        _apis = [.. apis.Select(address => new PushCalls(address))];
    }

    public Topology Topology { get; }

    /// <summary>Where WebSockets go.</summary>
    public IReadOnlyList<Uri> Edges { get; }

    /// <summary>The HTTP calls of each instance.</summary>
    public IReadOnlyList<PushCalls> Apis => _apis;

    /// <summary>The HTTP calls of one instance.</summary>
    public PushCalls Calls => _apis[0];

    /// <summary>A name that no other test uses.</summary>
    public static string Unique(string kind) => $"{kind}-{Guid.NewGuid():N}"[..32];

    /// <summary>Connects with a new token and keeps it alive.</summary>
    public async Task<PlainClient> ConnectAsync(string? roomIds = null, string? userId = null, string? deviceId = null, int edge = 0, bool offersDeflate = false)
    {
        var token = await Calls.GetTokenAsync(deviceId ?? Unique("device"), userId);
        var client = await ConnectSilentlyAsync(token, roomIds, edge, offersDeflate);
        client.KeepAlive(Calls, token, _heartbeatInterval);
        return client;
    }

    /// <summary>Connects and sends no heartbeats.</summary>
    public async Task<PlainClient> ConnectSilentlyAsync(string token, string? roomIds = null, int edge = 0, bool offersDeflate = false)
    {
        var client = await PlainClient.ConnectAsync(Edges[edge % Edges.Count], token, roomIds, offersDeflate);
        lock (_clients)
        {
            _clients.Add(client);
        }

        return client;
    }

    /// <summary>Uses a token in all ways in which one may come, good and bad, answered well and badly.</summary>
    public async Task UseEverywhereAsync(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        var escaped = Uri.EscapeDataString(token).Replace("e", "%65", StringComparison.Ordinal);
        foreach (var query in new[] { $"token={token}", $"token={escaped}", $"TOKEN={token}", $"token={token}x", $"x=1&token={token}&roomIds=not%20a%20room" })
        {
            await Calls.GetAsync($"/heartbeat?{query}");
            await Calls.GetAsync($"/nothing-here?{query}");
            await RawClient.HandshakeAsync(Edges[0], $"/ws?{query}");
        }

        await using var client = await PlainClient.ConnectAsync(Edges[0], token, Unique("room"));
        await client.CloseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_clients.Select(client => client.DisposeAsync().AsTask()));
        foreach (var calls in _apis)
        {
            calls.Dispose();
        }
    }
}
