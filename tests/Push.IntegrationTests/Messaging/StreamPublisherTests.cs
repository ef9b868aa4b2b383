using System.Diagnostics;
using Push.Contracts;
using Push.Messaging;
using Push.TestKit.Network;
using Push.TestKit.Servers;
using RabbitMQ.Client;
using Xunit;

namespace Push.IntegrationTests.Messaging;

public sealed class StreamPublisherTests(SharedBroker broker) : IAsyncLifetime
{
    private VirtualHost _vhost = null!;

    public async ValueTask InitializeAsync() => _vhost = await broker.CreateVirtualHostAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _vhost.DisposeAsync();

    [Fact]
    public async Task A_confirmed_message_is_in_the_stream_as_the_protocol_says()
    {
        await using var host = await BusHost.StartPublisherAsync(_vhost.Address);
        await host.UntilReadyAsync();
        using var activity = new Activity("publish").SetIdFormat(ActivityIdFormat.W3C).Start();
        await host.Publisher.PublishAsync(Pushes.ToRoom("1001", "GOAL", "goal-1"));

        await using var connection = await BrokerConnection.OpenAsync(_vhost.Address, TestContext.Current.CancellationToken);
        await using var records = await StreamRecords.OpenAsync(connection);
        var (body, properties) = await records.NextAsync();
        Assert.Equal("""{"id":"goal-1","message":"GOAL","roomId":"1001"}""", body);
        Assert.Equal("application/json", properties.ContentType);
        Assert.True(properties.Persistent);
        Assert.Equal("room:1001"u8, (byte[])properties.Headers![BusNames.TargetHeader]!);
        Assert.Equal("goal-1"u8, (byte[])properties.Headers[BusNames.IdHeader]!);
        Assert.Equal(activity.Id, System.Text.Encoding.ASCII.GetString((byte[])properties.Headers[BusNames.TraceParentHeader]!));
    }

    [Fact]
    public async Task Many_in_flight_keep_their_order()
    {
        const int Count = 3_000;
        await using var host = await BusHost.StartPublisherAsync(_vhost.Address);
        await host.UntilReadyAsync();
        await Task.WhenAll(Enumerable.Range(0, Count).Select(i => host.Publisher.PublishAsync(Pushes.ToRoom("1", $"{i}", $"{i}")).AsTask()));

        await using var connection = await BrokerConnection.OpenAsync(_vhost.Address, TestContext.Current.CancellationToken);
        await using var records = await StreamRecords.OpenAsync(connection);
        for (var i = 0; i < Count; i++)
        {
            Assert.StartsWith($$"""{"id":"{{i}}",""", (await records.NextAsync()).Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_a_broker_it_starts_and_refuses_at_once()
    {
        await using var host = await BusHost.StartPublisherAsync(new Uri("amqp://127.0.0.1:1/"));
        Assert.False(await host.IsReadyAsync(TestContext.Current.CancellationToken));
        var waited = Stopwatch.StartNew();
        await Assert.ThrowsAsync<BrokerUnavailableException>(() => host.Publisher.PublishAsync(Pushes.ToRoom("1", "GOAL")).AsTask());
        Assert.True(waited.Elapsed < new BusOptions().ConfirmTimeout / 2, $"took {waited.Elapsed}");
    }

    [Theory]
    [InlineData(BusNames.PushStream)]
    [InlineData(BusNames.PushExchange)]
    public async Task A_message_that_no_queue_takes_is_an_error_and_the_next_one_finds_the_stream_again(string deleted)
    {
        await using var host = await BusHost.StartPublisherAsync(_vhost.Address);
        await host.UntilReadyAsync();
        await using var connection = await BrokerConnection.OpenAsync(_vhost.Address, TestContext.Current.CancellationToken);
        await using (var channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken))
        {
            await (deleted == BusNames.PushStream
                ? channel.QueueDeleteAsync(deleted, ifUnused: false, ifEmpty: false, cancellationToken: TestContext.Current.CancellationToken)
                : channel.ExchangeDeleteAsync(deleted, ifUnused: false, cancellationToken: TestContext.Current.CancellationToken));
        }

        await Assert.ThrowsAsync<BrokerUnavailableException>(() => host.Publisher.PublishAsync(Pushes.ToRoom("1", "lost")).AsTask());
        await host.Publisher.PublishPersistentlyAsync(Pushes.ToRoom("1", "kept"));

        await using var records = await StreamRecords.OpenAsync(connection);
        Assert.Contains("kept", (await records.NextAsync()).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_broker_that_comes_back_without_the_last_publication_gets_it_once_more(bool isLost)
    {
        // No epoch tells of it, as with an older copy of the broker's data; and there is no reader who has read what is gone.
        await using var proxy = TcpProxy.Start(new ServerAddress(_vhost.Address.Host, _vhost.Address.Port));
        await using var host = await BusHost.StartPublisherAsync(new UriBuilder(_vhost.Address) { Host = proxy.Address.Host, Port = proxy.Address.Port }.Uri);
        await host.UntilReadyAsync();
        await host.Publisher.PublishAsync(Pushes.ToRoom("1", "first"));
        await host.Publisher.PublishAsync(Pushes.ToRoom("1", "second"));
        await proxy.RefuseAsync();
        await host.UntilReadyAsync(isReady: false);

        await using var connection = await BrokerConnection.OpenAsync(_vhost.Address, TestContext.Current.CancellationToken);
        if (isLost)
        {
            await ReplaceStreamAsync(connection);
        }

        proxy.Accept();
        await host.UntilReadyAsync();
        await host.Publisher.PublishAsync(Pushes.ToRoom("1", "third"));

        await using var records = await StreamRecords.OpenAsync(connection);
        string[] expected = isLost ? ["older", "first", "second", "third"] : ["first", "second", "third"];
        foreach (var text in expected)
        {
            var (body, properties) = await records.NextAsync();
            Assert.Contains(text, body, StringComparison.Ordinal);
            Assert.Equal(isLost && text is ("first" or "second"), properties.Headers?.ContainsKey(BusNames.RepublishedHeader) == true);
        }
    }

    private static async Task ReplaceStreamAsync(IConnection connection)
    {
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), TestContext.Current.CancellationToken);
        await channel.QueueDeleteAsync(BusNames.PushStream, false, false);
        await channel.QueueDeclareAsync(BusNames.PushStream, true, false, false, new Dictionary<string, object?> { ["x-queue-type"] = "stream" });
        await channel.BasicPublishAsync("", BusNames.PushStream, mandatory: true, "older"u8.ToArray(), TestContext.Current.CancellationToken);
    }
}
