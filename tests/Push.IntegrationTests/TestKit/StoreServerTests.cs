using Push.TestKit;
using Push.TestKit.Servers;
using StackExchange.Redis;
using Xunit;

namespace Push.IntegrationTests.TestKit;

public sealed class StoreServerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Databases_of_one_store_do_not_see_each_other()
    {
        await using var store = await StoreServer.StartAsync(Cancelled);
        using var one = await store.TakeDatabaseAsync(Cancelled);
        using var other = await store.TakeDatabaseAsync(Cancelled);
        await using var toOne = await ConnectionMultiplexer.ConnectAsync(one.ConnectionString);
        await using var toOther = await ConnectionMultiplexer.ConnectAsync(other.ConnectionString);

        await toOne.GetDatabase().StringSetAsync("key", "value");

        Assert.True(await toOne.GetDatabase().KeyExistsAsync("key"));
        Assert.False(await toOther.GetDatabase().KeyExistsAsync("key"));
    }

    [Fact]
    public async Task A_paused_store_answers_nothing_until_it_is_resumed()
    {
        await using var store = await StoreServer.StartAsync(Cancelled);
        using var database = await store.TakeDatabaseAsync(Cancelled);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(database.ConnectionString);

        await store.PauseAsync(Cancelled);
        var answer = connection.GetDatabase().PingAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => answer.WithinAsync(TimeSpan.FromMilliseconds(500), "an answer of the paused store"));
        await store.ResumeAsync(Cancelled);

        await answer.WithinAsync(Limit, "an answer of the resumed store");
    }

    [Fact]
    public async Task A_restarted_store_is_found_at_its_old_address()
    {
        await using var store = await StoreServer.StartAsync(Cancelled);
        using var database = await store.TakeDatabaseAsync(Cancelled);
        await using (var connection = await ConnectionMultiplexer.ConnectAsync(database.ConnectionString))
        {
            await store.StopAsync(Cancelled);
            await Assert.ThrowsAnyAsync<RedisException>(() => connection.GetDatabase().PingAsync());
        }

        await store.StartAgainAsync(Cancelled);

        await using var again = await ConnectionMultiplexer.ConnectAsync(database.ConnectionString);
        Assert.True(await again.GetDatabase().PingAsync().WithinAsync(Limit, "an answer of the restarted store") > TimeSpan.Zero);
    }
}
