using System.Diagnostics;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Push.Messaging;
using Xunit;

namespace Push.IntegrationTests.Messaging;

public sealed class BrokerOutageTests(StoppableBroker broker) : IClassFixture<StoppableBroker>
{
    private static readonly TimeSpan PublishPromise = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReturnPromise = TimeSpan.FromSeconds(10);

    // For a busy machine.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_publisher_is_told_within_five_seconds_and_recovers_by_itself()
    {
        await using var host = await BusHost.StartPublisherAsync(broker.Host.Address);
        await host.UntilReadyAsync();

        await broker.Server.PauseAsync(TestContext.Current.CancellationToken);
        await FailsInTimeAsync(host, "paused");
        await broker.Server.ResumeAsync(TestContext.Current.CancellationToken);
        await host.Publisher.PublishPersistentlyAsync(Pushes.ToRoom("1", "after the pause"));

        await broker.Server.StopAsync(TestContext.Current.CancellationToken);
        await FailsInTimeAsync(host, "stopped");
        await host.UntilReadyAsync(false);
        await broker.Server.StartAgainAsync(TestContext.Current.CancellationToken);
        await host.UntilReadyAsync();
        await host.Publisher.PublishAsync(Pushes.ToRoom("1", "after the restart"));

        await using var connection = await BrokerConnection.OpenAsync(broker.Host.Address, TestContext.Current.CancellationToken);
        await using var records = await StreamRecords.OpenAsync(connection);
        Assert.Equal(["paused", "after the pause", "after the restart"], (await ReadAsync(records, "after the restart")).Distinct());
    }

    [Fact]
    public async Task Control_events_flow_again_within_ten_seconds_of_the_brokers_return()
    {
        await using var host = await ControlHost.StartAsync(broker.Host.Address, "one");
        var bus = host.Services.GetRequiredService<IBusControl>();
        await broker.Server.StopAsync(TestContext.Current.CancellationToken);
        await bus.WaitForHealthStatus(BusHealthStatus.Unhealthy, TimeSpan.FromSeconds(60));
        await broker.Server.StartAgainAsync(TestContext.Current.CancellationToken);
        var back = Stopwatch.StartNew();
        await bus.WaitForHealthStatus(BusHealthStatus.Healthy, TimeSpan.FromSeconds(60));
        Assert.True(back.Elapsed < ReturnPromise + Tolerance, $"took {back.Elapsed}");
        await ControlHost.PublishAsync(host, "c1");
        Assert.Equal("c1", await ControlHost.Events(host).NextAsync("an event after the restart"));
    }

    private static async Task FailsInTimeAsync(BusHost host, string text)
    {
        var waited = Stopwatch.StartNew();
        await Assert.ThrowsAsync<BrokerUnavailableException>(() => host.Publisher.PublishAsync(Pushes.ToRoom("1", text)).AsTask());
        Assert.True(waited.Elapsed < PublishPromise + Tolerance, $"{text}: took {waited.Elapsed}");
    }

    private static async Task<List<string>> ReadAsync(StreamRecords records, string last)
    {
        var texts = new List<string>();
        do
        {
            using var body = JsonDocument.Parse((await records.NextAsync()).Body);
            texts.Add(body.RootElement.GetProperty("message").GetString()!);
        }
        while (texts[^1] != last);
        return texts;
    }
}
