using Push.TestKit.Servers;
using Xunit;

namespace Push.IntegrationTests.Presence;

/// <summary>A store of one test class, to be paused and stopped.</summary>
public sealed class OwnStore : IAsyncLifetime
{
    public StoreServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await StoreServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
