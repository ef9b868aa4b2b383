using System.Diagnostics.Metrics;
using Push.Contracts;
using Push.Messaging.RabbitMq;
using Push.TestKit;
using Push.TestKit.Servers;
using Xunit;

namespace Push.IntegrationTests.Epochs;

/// <summary>What clients receive when the stream or its epochs change under two live Edges and an Api.</summary>
public sealed class EpochTests(SharedBroker shared) : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly int Deletions = int.Parse(Environment.GetEnvironmentVariable("PUSH_STREAM_DELETIONS") ?? "3", System.Globalization.CultureInfo.InvariantCulture);

    private VirtualHost _vhost = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _vhost = await shared.CreateVirtualHostAsync(Cancelled);

    public ValueTask DisposeAsync() => _vhost.DisposeAsync();

    [Fact]
    public async Task A_broker_that_delivers_late_while_Edges_attach_brings_nothing_back_and_begins_no_epoch()
    {
        await using var world = await World.StartAsync(_vhost.Address);
        var epoch = world.Edges[0].Reader.Position?.Epoch;
        world.BeginPublishing(5);
        await WaitForConfirmedAsync(world, 100);
        epoch ??= world.Edges[0].Reader.Position?.Epoch;
        world.DelayDeliveries(TimeSpan.FromSeconds(3.5));
        await world.CutAllAsync();
        await WaitForConfirmedAsync(world, world.Confirmed.Count + 200);

        await world.SettleAsync();
        world.AssertNothingTwice();
        world.AssertNothingLost();
        Assert.All(world.Edges, edge => Assert.Equal(epoch, edge.Reader.Position!.Value.Epoch));
    }

    [Fact]
    public async Task An_epoch_stream_that_is_deleted_alone_costs_a_name_and_nothing_else()
    {
        await using var world = await World.StartAsync(_vhost.Address);
        world.BeginPublishing(2);
        await WaitForConfirmedAsync(world, 200);
        var before = world.Edges[0].Reader.Position!.Value.Epoch;
        await world.DeleteAsync(BusNames.EpochStream);
        await world.CutAllAsync();
        await WaitForConfirmedAsync(world, world.Confirmed.Count + 200);

        await world.SettleAsync();
        world.AssertNothingTwice();
        world.AssertNothingLost();
        Assert.All(world.Edges, edge => Assert.NotEqual(before, edge.Reader.Position!.Value.Epoch));
        Assert.Equal(world.Edges[0].Reader.Position, world.Edges[1].Reader.Position);
    }

    [Fact]
    public async Task What_was_confirmed_reaches_every_client_once_although_the_stream_is_deleted_under_load()
    {
        await using var world = await World.StartAsync(_vhost.Address);
        world.BeginPublishing(1);
        for (var deletion = 0; deletion < Deletions; deletion++)
        {
            await WaitForConfirmedAsync(world, world.Confirmed.Count + 50);
            world.Note($"deletion {deletion}");
            await world.DeleteAsync(BusNames.PushStream);
        }

        await world.SettleAsync();
        world.AssertNothingTwice();
        world.AssertNothingLost();
        TestContext.Current.TestOutputHelper?.WriteLine($"{Deletions} deletions: {world.Confirmed.Count} confirmed, 0 lost, 0 twice at two Edges");
    }

    [Theory]
    [InlineData(BusNames.PushStream)]
    [InlineData(BusNames.EpochStream)]
    public async Task A_deletion_is_noticed_and_mended_at_once_although_nobody_publishes(string stream)
    {
        await using var world = await World.StartAsync(_vhost.Address);
        using var epochs = new EpochCounter();
        await world.DeleteAsync(stream);
        await Deadline.UntilAsync(_ => Task.FromResult(epochs.Created > 0), Limit, "an epoch is begun and counted", Cancelled);
        await Deadline.UntilAsync(_ => ExistsAsync(world, stream), Limit, $"{stream} is there again", Cancelled);
        TestContext.Current.TestOutputHelper?.WriteLine($"{stream}: mended after {epochs.FirstAfter.TotalMilliseconds:F0} ms");
        await world.SettleAsync();
        world.AssertNothingTwice();
    }

    [Fact]
    public async Task A_deleted_exchange_or_binding_costs_no_confirmed_publication()
    {
        await using var world = await World.StartAsync(_vhost.Address);
        world.BeginPublishing(2);
        await WaitForConfirmedAsync(world, 50);
        await world.OnBrokerAsync(channel => channel.QueueUnbindAsync(BusNames.PushStream, BusNames.PushExchange, "", null));
        await WaitForConfirmedAsync(world, world.Confirmed.Count + 50);
        await world.OnBrokerAsync(channel => channel.ExchangeDeleteAsync(BusNames.PushExchange));
        await WaitForConfirmedAsync(world, world.Confirmed.Count + 50);

        await world.SettleAsync();
        world.AssertNothingTwice();
        world.AssertNothingLost();
    }

    internal static Task WaitForConfirmedAsync(World world, int count) =>
        Deadline.UntilAsync(_ => Task.FromResult(world.Confirmed.Count >= count), TimeSpan.FromMinutes(3), $"{count} publications are confirmed", Cancelled);

    private static async Task<bool> ExistsAsync(World world, string stream)
    {
        try
        {
            await world.OnBrokerAsync(channel => channel.QueueDeclarePassiveAsync(stream, Cancelled));
            return true;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return false;
        }
    }

    /// <summary>Listens to the counter of epochs, of all services in this process, from here on.</summary>
    private sealed class EpochCounter : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly long _since = System.Diagnostics.Stopwatch.GetTimestamp();
        private long _created;

        public EpochCounter()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument is { Name: StreamMetrics.EpochsName, Meter.Name: StreamMetrics.MeterName })
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, value, _, _) =>
            {
                if (value > 0 && Interlocked.Add(ref _created, value) == value)
                {
                    FirstAfter = System.Diagnostics.Stopwatch.GetElapsedTime(_since);
                }
            });
            _listener.Start();
        }

        public long Created => Volatile.Read(ref _created);

        public TimeSpan FirstAfter { get; private set; }

        public void Dispose() => _listener.Dispose();
    }
}
