namespace Push.TestKit.Servers;

/// <summary>The store of a whole test assembly, started by the first test that wants it. Register it as an assembly fixture.</summary>
public sealed class SharedStore : IAsyncDisposable
{
    private readonly Lazy<Task<StoreServer>> _server = new(() => StoreServer.StartAsync());

    public async Task<StoreDatabase> TakeDatabaseAsync(CancellationToken cancellationToken = default)
    {
        var server = await _server.Value.WaitAsync(cancellationToken);
        return await server.TakeDatabaseAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _server.Value).DisposeAsync();
        }
    }
}
