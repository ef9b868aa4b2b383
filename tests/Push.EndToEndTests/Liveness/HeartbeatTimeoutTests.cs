using Push.EndToEndTests.Setup;
using Push.TestKit;
using Push.TestKit.Clients;
using Xunit;

namespace Push.EndToEndTests.Liveness;

/// <summary>In real time, with the settings that an operator gets who sets none; alone, since a busy machine is late.</summary>
[Collection(AloneCollection.Name)]
public sealed class HeartbeatTimeoutTests(Topologies topologies, ITestOutputHelper output) : EndToEndTest(topologies, output)
{
    private const int HeartbeatsUntilSurelyAlive = 5;

    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Earliest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Latest = TimeSpan.FromSeconds(41);

    [Fact]
    public Task A_silent_client_is_closed_after_30_to_41_seconds_and_one_with_heartbeats_stays() =>
        // Side by side: it takes the better part of a minute.
        Task.WhenAll(Enum.GetValues<Entrance>().Select(ObserveAsync));

    private async Task ObserveAsync(Entrance entrance)
    {
        var site = await EnterAsync(entrance);
        var room = Site.Unique("room");
        var silent = await site.ConnectSilentlyAsync(await site.Calls.GetTokenAsync(Site.Unique("device"), cancellationToken: Cancelled), room);
        var token = await site.Calls.GetTokenAsync(Site.Unique("device"), cancellationToken: Cancelled);
        PlainClient[] tabs = [await site.ConnectSilentlyAsync(token, room, edge: 0), await site.ConnectSilentlyAsync(token, room, edge: 1)];

        var alive = HeartbeatAsync(site, token);
        var close = await silent.Closed.WithinAsync(Latest + HeartbeatInterval, $"{entrance}: the end of the silent client");
        await alive;

        Output.WriteLine($"{entrance}: closed after {close.After.TotalSeconds:0.0} s");
        Assert.Equal((4201, "heartbeat timeout"), (close.Code, close.Text));
        Assert.InRange(close.After, Earliest, Latest);
        Assert.All(tabs, tab => Assert.True(tab.IsOpen, $"{entrance}: a client with heartbeats was closed"));
        Assert.Equal(200, (await site.Calls.PublishAsync(new { roomId = room, message = "alive" }, Cancelled)).Status);
        foreach (var tab in tabs)
        {
            Assert.Equal(["alive"], await tab.ReceiveAsync(1, Soon, $"{entrance}: a message to a client with heartbeats"));
        }
    }

    private static async Task HeartbeatAsync(Site site, string token)
    {
        using var timer = new PeriodicTimer(HeartbeatInterval);
        for (var i = 0; i < HeartbeatsUntilSurelyAlive; i++)
        {
            await timer.WaitForNextTickAsync(Cancelled);
            Assert.Equal(new Answer(200, "{}"), await site.Calls.HeartbeatAsync(token, Cancelled));
        }
    }
}
