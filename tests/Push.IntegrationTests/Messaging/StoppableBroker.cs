using Push.TestKit.Servers;
using Xunit;

namespace Push.IntegrationTests.Messaging;

/// <summary>A broker that no other class uses, so that it can be stopped.</summary>
public sealed class StoppableBroker : IAsyncLifetime
{
    public BrokerServer Server { get; private set; } = null!;

    public VirtualHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await BrokerServer.StartAsync();
        Host = await Server.CreateVirtualHostAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Server.DisposeAsync();
    }
}
