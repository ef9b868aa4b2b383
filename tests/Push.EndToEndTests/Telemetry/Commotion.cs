using System.Text;
using Push.Contracts;
using Push.EndToEndTests.Setup;
using Push.TestKit;
using Push.TestKit.Clients;
using RabbitMQ.Client;

namespace Push.EndToEndTests.Telemetry;

/// <summary>Everything that metrics tell of, good and bad.</summary>
internal sealed class Commotion(Site site, Uri broker, CancellationToken cancellationToken) : IAsyncDisposable
{
    // More than a client that does not read can have waiting in the server's queue and both kernels' buffers.
    private const int LargeMessages = 40;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _stop = new();
    private readonly string _room = Site.Unique("room");
    private readonly List<string> _names = [];
    private readonly List<RawClient> _stalled = [];

    /// <summary>Rooms, users, devices and tokens that took part.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Does all of it every few seconds until <see cref="StopAsync"/>.</summary>
    public async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        do
        {
            await RunOnceAsync();
        }
        while (await timer.WaitForNextTickAsync(_stop.Token).AsTask().ContinueWith(tick => tick.IsCompletedSuccessfully, TaskScheduler.Default));
    }

    public Task StopAsync() => _stop.CancelAsync();

    public ValueTask DisposeAsync()
    {
        foreach (var client in _stalled)
        {
            client.Dispose();
        }

        _stop.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task RunOnceAsync()
    {
        var (device, user) = (Site.Unique("device"), Site.Unique("user"));
        var token = await site.Calls.GetTokenAsync(device, user, cancellationToken);
        _names.AddRange([_room, device, user, token, MintedToken.Unwrap(token)]);

        await ConnectAsync(device, user, token);
        await PublishAsync(token);
        await PublishPoisonAsync();
        await StallAsync();
    }

    private async Task ConnectAsync(string device, string user, string token)
    {
        await site.ConnectAsync(_room, user, device);
        await site.ConnectAsync(_room, edge: 1);
        await site.ConnectSilentlyAsync(token);
        await (await site.ConnectSilentlyAsync(token)).CloseAsync();
        foreach (var query in new[] { "", "?token=altered", $"?token={token}&roomIds=not%20a%20room" })
        {
            await RawClient.HandshakeAsync(site.Edges[0], $"/ws{query}");
        }

        // It breaks the protocol; another says goodbye with a code of its own.
        using var rude = await RawClient.UpgradeAsync(site.Edges[0], token);
        await rude.SendAsync(ClientFrames.Unmasked(ClientFrames.Text, "hello"u8));
        await rude.SkipToCloseAsync().WithinAsync(Limit, "the end of a client that breaks the protocol");
        await site.Calls.HeartbeatAsync(token, cancellationToken);
        await site.Calls.HeartbeatAsync("altered", cancellationToken);
    }

    private async Task PublishAsync(string token)
    {
        var id = Site.Unique("goal");
        object[] bodies =
        [
            new { roomId = _room, id, occurredAt = TimeProvider.System.GetUtcNow(), message = "goal" },
            new { roomId = _room, id, message = "the same goal" },
            new { roomId = Site.Unique("empty"), message = "nobody's" },
            new { roomId = _room },
        ];
        foreach (var body in bodies)
        {
            await site.Calls.PublishAsync(body, cancellationToken);
        }

        await site.Calls.GetAsync($"/nothing-here?token={token}", cancellationToken);
    }

    private async Task PublishPoisonAsync()
    {
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), cancellationToken);
        var properties = new BasicProperties { Headers = new Dictionary<string, object?> { [BusNames.TargetHeader] = $"room:{_room}" } };
        await channel.BasicPublishAsync(BusNames.PushExchange, "", mandatory: true, properties, Encoding.UTF8.GetBytes("not JSON"), cancellationToken);
    }

    /// <summary>A client that does not read, until it is closed for that: some of its frames are dropped.</summary>
    private async Task StallAsync()
    {
        var device = Site.Unique("device");
        _stalled.Add(await RawClient.UpgradeAsync(site.Edges[0], MintedToken.Of(device)));
        var message = new string('m', 30_000);
        for (var i = 0; i < LargeMessages; i++)
        {
            await site.Calls.PublishAsync(new { deviceId = device, message }, cancellationToken);
        }
    }
}
