using Push.TestKit;
using Push.TestKit.Servers;
using RabbitMQ.Client;
using Xunit;

namespace Push.IntegrationTests.TestKit;

public sealed class BrokerServerTests
{
    private const string Queue = "kept";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restarted_broker_is_found_at_its_old_address_with_its_data()
    {
        await using var broker = await BrokerServer.StartAsync(Cancelled);
        await using var host = await broker.CreateVirtualHostAsync(Cancelled);
        await using (var connection = await ConnectAsync(host))
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancelled);
            await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancelled);

            var cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            connection.ConnectionShutdownAsync += (_, _) =>
            {
                cut.TrySetResult();
                return Task.CompletedTask;
            };
            await broker.StopAsync(Cancelled);
            await cut.Task.WithinAsync(Limit, "end of the connection to the stopped broker");
            await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(host));
        }

        await broker.StartAgainAsync(Cancelled);

        await using var again = await ConnectAsync(host);
        await using var after = await again.CreateChannelAsync(cancellationToken: Cancelled);
        Assert.Equal(Queue, (await after.QueueDeclarePassiveAsync(Queue, Cancelled)).QueueName);
    }

    [Fact]
    public async Task A_paused_broker_answers_nothing_until_it_is_resumed()
    {
        await using var broker = await BrokerServer.StartAsync(Cancelled);
        await using var host = await broker.CreateVirtualHostAsync(Cancelled);
        await using var connection = await ConnectAsync(host);

        await broker.PauseAsync(Cancelled);
        var opening = connection.CreateChannelAsync(cancellationToken: Cancelled);
        await Assert.ThrowsAsync<TimeoutException>(() => opening.WithinAsync(TimeSpan.FromMilliseconds(500), "a channel of a paused broker"));
        await broker.ResumeAsync(Cancelled);

        await using var channel = await opening.WithinAsync(Limit, "a channel of the resumed broker");
        Assert.True(channel.IsOpen);
    }

    private static Task<IConnection> ConnectAsync(VirtualHost host) =>
        new ConnectionFactory { Uri = host.Address, AutomaticRecoveryEnabled = false }.CreateConnectionAsync(Cancelled);
}
