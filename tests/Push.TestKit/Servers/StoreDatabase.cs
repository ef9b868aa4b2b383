using StackExchange.Redis;

namespace Push.TestKit.Servers;

/// <summary>A Redis database of one test class.</summary>
public sealed class StoreDatabase : IDisposable
{
    private readonly Action _giveBack;

    internal StoreDatabase(string connectionString, Action giveBack)
    {
        ConnectionString = connectionString;
        _giveBack = giveBack;
    }

    /// <summary>The value of <c>ConnectionStrings:Redis</c>.</summary>
    public string ConnectionString { get; }

    /// <summary>Deletes every key: what clients find is a store that has lost its data.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken = default)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(ConnectionString, options => options.AllowAdmin = true).WaitAsync(cancellationToken);
        await connection.GetDatabase().ExecuteAsync("FLUSHDB").WaitAsync(cancellationToken);
    }

    public void Dispose() => _giveBack();
}
