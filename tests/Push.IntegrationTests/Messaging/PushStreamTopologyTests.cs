using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Push.Contracts;
using Push.Messaging;
using Push.Messaging.RabbitMq;
using Push.TestKit;
using Push.TestKit.Servers;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace Push.IntegrationTests.Messaging;

public sealed class PushStreamTopologyTests(SharedBroker broker) : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly IMeterFactory Meters =
        new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    private VirtualHost _vhost = null!;
    private IConnection _connection = null!;

    public async ValueTask InitializeAsync()
    {
        _vhost = await broker.CreateVirtualHostAsync(TestContext.Current.CancellationToken);
        _connection = await ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _vhost.DisposeAsync();
    }

    [Fact]
    public async Task It_makes_what_is_missing_and_keeps_it()
    {
        var epoch = await EnsureAsync(_connection);
        Assert.NotEmpty(epoch);
        Assert.Equal(epoch, await EnsureAsync(_connection));
        await using var another = await ConnectAsync();
        Assert.Equal(epoch, await EnsureAsync(another));
        await PublishAsync();
    }

    [Fact]
    public async Task Several_at_once_agree_on_one_epoch()
    {
        var connections = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ConnectAsync()));
        var epochs = await Task.WhenAll(connections.Select(connection => EnsureAsync(connection)));
        Assert.Single(epochs.Distinct());
        Assert.Equal(epochs[0], await EnsureAsync(_connection));
        await Task.WhenAll(connections.Select(connection => connection.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_stream_that_was_deleted_is_made_anew_in_a_new_epoch()
    {
        var before = await EnsureAsync(_connection);
        await OnChannelAsync(channel => channel.QueueDeleteAsync(BusNames.PushStream, false, false));
        Assert.NotEqual(before, await EnsureAsync(_connection));
        await PublishAsync();
    }

    [Fact]
    public async Task A_stream_with_other_retention_is_taken_as_it_is()
    {
        var before = await EnsureAsync(_connection);
        Assert.Equal(before, await EnsureAsync(_connection, new BusOptions { RetentionAge = TimeSpan.FromDays(3), RetentionBytes = 100 << 20, SegmentBytes = 1 << 20 }));
    }

    [Fact]
    public async Task A_deleted_exchange_comes_back_with_its_binding()
    {
        var before = await EnsureAsync(_connection);
        await OnChannelAsync(channel => channel.ExchangeDeleteAsync(BusNames.PushExchange, false));
        Assert.Equal(before, await EnsureAsync(_connection));
        await PublishAsync();
    }

    [Fact]
    public async Task A_stream_that_was_left_half_made_gets_its_epoch()
    {
        await EnsureAsync(_connection);
        await OnChannelAsync(async channel =>
        {
            await channel.QueueDeleteAsync(BusNames.EpochStream, false, false);
            await channel.QueueDeclareAsync(BusNames.EpochStream, true, false, false, new Dictionary<string, object?> { ["x-queue-type"] = "stream" });
        });
        var epoch = await EnsureAsync(_connection);
        Assert.Equal(epoch, await EnsureAsync(_connection));
    }

    [Fact]
    public async Task A_renewed_epoch_is_renewed_once()
    {
        var stale = await EnsureAsync(_connection);
        await using var another = await ConnectAsync();
        await using var epochs = await Create().EnsureAsync(_connection, TestContext.Current.CancellationToken);
        await using var othersEpochs = await Create().EnsureAsync(another, TestContext.Current.CancellationToken);
        await Task.WhenAll(
            Create().RenewEpochAsync(epochs, stale, 7, EpochReason.Truncated, TestContext.Current.CancellationToken),
            Create().RenewEpochAsync(othersEpochs, stale, 7, EpochReason.Truncated, TestContext.Current.CancellationToken))
            .WithinAsync(Limit, "both have renewed it");
        Assert.NotEqual(stale, epochs.Epoch);
        Assert.Equal(epochs.Epoch, othersEpochs.Epoch);
        Assert.Equal(new EpochRecord(epochs.Epoch, 7, EpochReason.Truncated, stale), epochs.Chain.Current);
        Assert.Equal(epochs.Epoch, await EnsureAsync(_connection));
    }

    [Fact]
    public async Task An_epoch_stream_that_was_deleted_alone_comes_back_valid_from_the_streams_end()
    {
        await EnsureAsync(_connection);
        await PublishAsync();
        await PublishAsync();
        await OnChannelAsync(channel => channel.QueueDeleteAsync(BusNames.EpochStream, false, false));
        await using var epochs = await Create().EnsureAsync(_connection, TestContext.Current.CancellationToken);
        Assert.Equal(new EpochRecord(epochs.Epoch, 2, EpochReason.Created, null), epochs.Chain.Current);
        Assert.False(epochs.Chain.Current!.BeganEmpty);
    }

    [Fact]
    public async Task Who_reads_the_epochs_sees_the_next_one_and_the_end()
    {
        var first = await EnsureAsync(_connection);
        await using var epochs = await Create().EnsureAsync(_connection, TestContext.Current.CancellationToken);
        var changed = new TaskCompletionSource<EpochChain>(TaskCreationOptions.RunContinuationsAsynchronously);
        epochs.Changed = chain => changed.TrySetResult(chain);
        await OnChannelAsync(channel => channel.QueueDeleteAsync(BusNames.PushStream, false, false));
        var second = await EnsureAsync(_connection);
        var chain = await changed.Task.WithinAsync(Limit, "the next epoch is read");
        Assert.Equal(second, chain.Current!.Epoch);
        Assert.True(chain.BeganEmptyAfter(first));
        Assert.False(epochs.Ended.IsCompleted);

        await OnChannelAsync(channel => channel.QueueDeleteAsync(BusNames.EpochStream, false, false));
        await epochs.Ended.WithinAsync(Limit, "its deletion is noticed");
    }

    [Fact]
    public async Task Whoever_holds_the_lock_is_waited_for_and_frees_it_by_going()
    {
        await using var holder = await ConnectAsync();
        var setup = await SetupLock.TryTakeAsync(holder, TestContext.Current.CancellationToken);
        Assert.NotNull(setup);
        Assert.Null(await SetupLock.TryTakeAsync(_connection, TestContext.Current.CancellationToken));

        var waiting = EnsureAsync(_connection);
        await using (var another = await ConnectAsync())
        {
            // The lock has been refused to this one meanwhile, as it was to the one that waits.
            Assert.Null(await SetupLock.TryTakeAsync(another, TestContext.Current.CancellationToken));
        }

        Assert.False(waiting.IsCompleted);
        await holder.CloseAsync(TestContext.Current.CancellationToken);
        Assert.NotEmpty(await waiting.WithinAsync(Limit, "the topology takes the freed lock"));
    }

    private static PushStreamTopology Create(BusOptions? options = null) =>
        new(Options.Create(options ?? new BusOptions()), new StreamMetrics(Meters), TimeProvider.System, NullLogger<PushStreamTopology>.Instance);

    private static async Task<string> EnsureAsync(IConnection connection, BusOptions? options = null)
    {
        await using var epochs = await Create(options).EnsureAsync(connection, TestContext.Current.CancellationToken).WithinAsync(Limit, "the topology is set up");
        return epochs.Epoch;
    }

    private Task<IConnection> ConnectAsync() => BrokerConnection.OpenAsync(_vhost.Address, TestContext.Current.CancellationToken);

    private async Task OnChannelAsync(Func<IChannel, Task> act)
    {
        await using var channel = await _connection.CreateChannelAsync();
        await act(channel);
    }

    /// <summary>Throws <see cref="PublishException"/> where no queue takes the message.</summary>
    private async Task PublishAsync()
    {
        await using var channel = await _connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.BasicPublishAsync(BusNames.PushExchange, "", mandatory: true, ReadOnlyMemory<byte>.Empty);
    }
}
