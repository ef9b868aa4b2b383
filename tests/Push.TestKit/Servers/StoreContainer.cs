using Push.TestKit.Network;
using Testcontainers.Redis;

namespace Push.TestKit.Servers;

/// <summary>Redis in a container.</summary>
internal static class StoreContainer
{
    private const string Image = "redis:8";
    private const int Port = 6379;

    public static IServerHost Create()
    {
        var port = FreePort.Take();
        var container = new RedisBuilder(Image)
            .WithPortBinding(port, Port)
            .WithCommand("redis-server", "--save", "", "--appendonly", "no")
            .Build();
        return new ContainerHost(container, port, token => TcpProbe.AnswersAsync(ServerAddress.Loopback(port), TcpProbe.Redis, token));
    }
}
