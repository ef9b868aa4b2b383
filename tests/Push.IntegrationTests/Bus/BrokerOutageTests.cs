using System.Diagnostics;
using Push.ServiceDefaults.Bus;
using Push.TestKit.Servers;
using Xunit;

namespace Push.IntegrationTests.Bus;

public sealed class BrokerOutageTests
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1.5);

    [Fact]
    public async Task A_publisher_is_told_within_five_seconds_and_recovers_by_itself()
    {
        await using var broker = await BrokerServer.StartAsync(TestContext.Current.CancellationToken);
        await using var vhost = await broker.CreateVirtualHostAsync(TestContext.Current.CancellationToken);
        await using var host = await BusHost.StartPublisherAsync(vhost.Address);
        await host.UntilReadyAsync();

        await broker.PauseAsync(TestContext.Current.CancellationToken);
        await FailsInTimeAsync(host, "paused");
        await broker.ResumeAsync(TestContext.Current.CancellationToken);
        await host.Publisher.PublishPersistentlyAsync(Pushes.ToRoom("1", "after the pause"));

        await broker.StopAsync(TestContext.Current.CancellationToken);
        await FailsInTimeAsync(host, "stopped");
        await host.UntilReadyAsync(false);
        await broker.StartAgainAsync(TestContext.Current.CancellationToken);
        await host.UntilReadyAsync();
        await host.Publisher.PublishAsync(Pushes.ToRoom("1", "after the restart"));

        await using var connection = await BrokerConnection.OpenAsync(vhost.Address, TestContext.Current.CancellationToken);
        await using var records = await StreamRecords.OpenAsync(connection);
        Assert.Equal(["paused", "after the pause", "after the restart"], (await ReadAsync(records, "after the restart")).Distinct());
    }

    private static async Task FailsInTimeAsync(BusHost host, string text)
    {
        var waited = Stopwatch.StartNew();
        await Assert.ThrowsAsync<BrokerUnavailableException>(() => host.Publisher.PublishAsync(Pushes.ToRoom("1", text)).AsTask());
        Assert.True(waited.Elapsed < Promise + Tolerance, $"{text}: took {waited.Elapsed}");
    }

    private static async Task<List<string>> ReadAsync(StreamRecords records, string last)
    {
        var texts = new List<string>();
        do
        {
            using var body = System.Text.Json.JsonDocument.Parse((await records.NextAsync()).Body);
            texts.Add(body.RootElement.GetProperty("message").GetString()!);
        }
        while (texts[^1] != last);
        return texts;
    }
}
