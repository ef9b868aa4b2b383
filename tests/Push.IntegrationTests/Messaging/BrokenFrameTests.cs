using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Push.IntegrationTests.Ingest;
using Push.TestKit;
using Push.TestKit.Network;
using Push.TestKit.Servers;
using Xunit;

namespace Push.IntegrationTests.Messaging;

/// <summary>
/// Connections to the broker that end within a frame. The heartbeat, which would find them in the end, is so long that it helps no test.
/// </summary>
public sealed class BrokenFrameTests(SharedBroker broker) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private VirtualHost _host = null!;
    private TcpProxy _proxy = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private Uri ThroughProxy => new UriBuilder(_host.Address) { Host = _proxy.Address.Host, Port = _proxy.Address.Port }.Uri;

    public async ValueTask InitializeAsync()
    {
        _host = await broker.CreateVirtualHostAsync(Cancelled);
        _proxy = TcpProxy.Start(new ServerAddress(_host.Address.Host, _host.Address.Port));
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Publishing_and_reading_go_on_after_an_end_within_a_confirmation_and_within_a_delivery()
    {
        await using var edge = await EdgeHost.StartAsync(ThroughProxy, WithLongHeartbeat);
        await using var other = await BusHost.StartPublisherAsync(_host.Address);
        await other.UntilReadyAsync();
        var member = await edge.JoinAsync("1");
        await edge.Publisher.PublishAsync(Pushes.ToRoom("1", "before"));
        Assert.Equal("before", await member.NextAsync("the message before the end"));

        _proxy.EndWithinFrame();
        await other.Publisher.PublishAsync(Pushes.ToRoom("1", new string('x', 20_000)));
        await edge.Publisher.PublishPersistentlyAsync(Pushes.ToRoom("1", "after", "after"));

        Assert.Equal(20_000, (await member.NextAsync("the message that was cut")).Length);
        Assert.Equal("after", await member.NextAsync("the message after the end"));
    }

    [Fact]
    public async Task Control_events_go_on_after_an_end_within_a_delivery()
    {
        await using var host = await ControlHost.StartAsync(ThroughProxy, "one", WithLongHeartbeat);
        await using var other = await ControlHost.StartAsync(_host.Address, "two");
        await ControlHost.PublishAsync(other, "before");
        Assert.Equal("before", await ControlHost.Events(host).NextAsync("the event before the end"));

        _proxy.EndWithinFrame();
        var next = ControlHost.Events(host).NextAsync("an event after the end");
        await Deadline.UntilAsync(
            async _ =>
            {
                // Not kept for a queue that is away: the sweeper, too, says it again until the connection is gone.
                await ControlHost.PublishAsync(other, "after");
                return next.IsCompletedSuccessfully;
            },
            Patience,
            "an event after the end",
            Cancelled);
    }

    private static void WithLongHeartbeat(IHostApplicationBuilder builder) =>
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Bus:Heartbeat"] = "00:05:00" });
}
