using Push.TestKit.Network;
using Testcontainers.RabbitMq;

namespace Push.TestKit.Servers;

/// <summary>RabbitMQ in a container.</summary>
internal static class BrokerContainer
{
    private const string Image = "rabbitmq:4-management";
    private const int AmqpPort = 5672;
    private const int ManagementPort = 15672;

    public static (IServerHost Host, BrokerAccount Account, Uri Management) Create()
    {
        var (amqp, management) = (FreePort.Take(), FreePort.Take());
        var container = new RabbitMqBuilder(Image)
            .WithPortBinding(amqp, AmqpPort)
            .WithPortBinding(management, ManagementPort)
            .Build();
        var account = BrokerAccount.Of(new Uri($"amqp://{RabbitMqBuilder.DefaultUsername}:{RabbitMqBuilder.DefaultPassword}@localhost"));
        return (
            new ContainerHost(container, amqp, token => TcpProbe.AnswersAsync(ServerAddress.Loopback(amqp), TcpProbe.Amqp, token)),
            account,
            new Uri($"http://{ServerAddress.Loopback(management)}"));
    }
}
