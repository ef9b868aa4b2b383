using Push.Contracts;
using Push.TestKit.Servers;
using Xunit;

namespace Push.IntegrationTests.Messaging;

public sealed class ControlEventTests(SharedBroker broker) : IAsyncLifetime
{
    private VirtualHost _vhost = null!;

    public async ValueTask InitializeAsync() => _vhost = await broker.CreateVirtualHostAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _vhost.DisposeAsync();

    [Fact]
    public async Task Every_Edge_gets_every_control_event()
    {
        await using var one = await ControlHost.StartAsync(_vhost.Address, "one");
        await using var two = await ControlHost.StartAsync(_vhost.Address, "two");
        await ControlHost.PublishAsync(one, "c1");
        Assert.Equal("c1", await ControlHost.Events(one).NextAsync("the publisher's own queue"));
        Assert.Equal("c1", await ControlHost.Events(two).NextAsync("the other Edge's queue"));
    }

    [Fact]
    public async Task The_queue_of_an_Edge_goes_with_it()
    {
        await using (var edge = await ControlHost.StartAsync(_vhost.Address, "gone"))
        {
            await ControlHost.PublishAsync(edge, "c1");
            await ControlHost.Events(edge).NextAsync("the queue is there");
        }

        await using var connection = await BrokerConnection.OpenAsync(_vhost.Address, TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        var missing = await Assert.ThrowsAsync<RabbitMQ.Client.Exceptions.OperationInterruptedException>(
            () => channel.QueueDeclarePassiveAsync(BusNames.EdgeQueue("gone"), TestContext.Current.CancellationToken));
        Assert.Equal(RabbitMQ.Client.Constants.NotFound, missing.ShutdownReason!.ReplyCode);
        await using var another = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        missing = await Assert.ThrowsAsync<RabbitMQ.Client.Exceptions.OperationInterruptedException>(
            () => another.ExchangeDeclarePassiveAsync(BusNames.EdgeQueue("gone"), TestContext.Current.CancellationToken));
        Assert.Equal(RabbitMQ.Client.Constants.NotFound, missing.ShutdownReason!.ReplyCode);
    }
}
