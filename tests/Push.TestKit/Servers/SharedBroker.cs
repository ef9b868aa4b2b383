namespace Push.TestKit.Servers;

/// <summary>The broker of a whole test assembly, started by the first test that wants it. Register it as an assembly fixture.</summary>
public sealed class SharedBroker : IAsyncDisposable
{
    private readonly Lazy<Task<BrokerServer>> _server = new(() => BrokerServer.StartAsync());

    public async Task<VirtualHost> CreateVirtualHostAsync(CancellationToken cancellationToken = default)
    {
        var server = await _server.Value.WaitAsync(cancellationToken);
        return await server.CreateVirtualHostAsync(cancellationToken);
    }

    public async Task<BrokerManagement> GetManagementAsync(CancellationToken cancellationToken = default) =>
        (await _server.Value.WaitAsync(cancellationToken)).Management;

    public async ValueTask DisposeAsync()
    {
        if (_server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _server.Value).DisposeAsync();
        }
    }
}
