using System.Globalization;
using Push.Contracts;
using Push.TestKit;
using Push.TestKit.Clients;
using Xunit;

namespace Push.UnitTests.Fanout;

/// <summary>With the real threads.</summary>
public sealed class ShardWorkerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly RoomKey Room = RoomKey.Room("room");

    [Fact]
    public async Task Every_room_keeps_its_order_while_clients_come_and_go()
    {
        await using var rig = new FanoutRig(options => options.Shards = 2, clock: TimeProvider.System);
        await rig.StartWorkersAsync();
        var stayers = Enumerable.Range(0, 40).Select(i => (Room: $"room-{i % 4}", Sink: new ScriptedTransport())).ToArray();
        Array.ForEach(stayers, stayer => rig.Open(stayer.Sink, stayer.Room));
        using var done = new CancellationTokenSource();
        var visitors = Enumerable.Range(0, 2).Select(visitor => Task.Run(() => VisitAsync(rig, visitor, done.Token))).ToArray();

        for (var i = 0; i < 4000; i++)
        {
            rig.Publish(RoomKey.Room($"room-{i % 4}"), i.ToString(CultureInfo.InvariantCulture));
        }

        await done.CancelAsync();
        await Task.WhenAll(visitors);
        await UntilAsync(() => rig.Pool.Outstanding == 0, "the shards hand everything over");
        Assert.All(stayers, stayer =>
        {
            var first = stayer.Room[^1] - '0';
            var expected = Enumerable.Range(0, 1000).Select(i => (first + (4 * i)).ToString(CultureInfo.InvariantCulture));
            Assert.Equal(expected, ReceivedFrame.Describe(stayer.Sink.Received));
        });
        Assert.Equal(stayers.Length, rig.Connections.Count);
    }

    [Fact]
    public async Task A_reader_that_is_faster_than_the_fan_out_waits_and_loses_nothing()
    {
        await using var rig = new FanoutRig(options => options.BacklogBytes = 64 * 1024, clock: TimeProvider.System);
        var transport = new ScriptedTransport();
        rig.Open(transport, "room");
        var text = new string('x', 1000);
        var published = 0;
        var reader = Task.Run(() =>
        {
            for (; published < 500; Interlocked.Increment(ref published))
            {
                rig.Publish(Room, text);
            }
        }, TestContext.Current.CancellationToken);

        await UntilAsync(() => rig.Shard.Backlog >= 64 * 1024, "the backlog fills up");
        Assert.InRange(rig.Shard.Backlog, 64 * 1024, (64 * 1024) + 1004);
        Assert.False(reader.IsCompleted);
        Assert.InRange(Volatile.Read(ref published), 64, 67);

        await rig.StartWorkersAsync();
        await UntilAsync(() => reader.IsCompleted && rig.Shard.Backlog == 0, "the reader goes on");
        Assert.Equal(500, ReceivedFrame.ReadAll(transport.Received).Count);
    }

    [Fact]
    public async Task A_waiting_reader_returns_when_the_fan_out_stops()
    {
        await using var rig = new FanoutRig(options => options.BacklogBytes = 64 * 1024, clock: TimeProvider.System);
        rig.Open(new ScriptedTransport(), "room");
        var reader = Task.Run(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                rig.Publish(Room, new string('x', 1000));
            }
        }, TestContext.Current.CancellationToken);
        await UntilAsync(() => rig.Shard.Backlog >= 64 * 1024, "the backlog fills up");

        rig.Shard.Stop();

        await reader.WithinAsync(Limit, "the reader returns");
    }

    [Fact]
    public async Task Workers_end_when_the_host_stops()
    {
        var rig = new FanoutRig(options => options.Shards = 2, clock: TimeProvider.System);
        await rig.StartWorkersAsync();

        await rig.DisposeAsync();

        Assert.All(rig.Shards.All.ToArray(), shard => Assert.False(shard.WaitForTurn(out _)));
    }

    private static async Task VisitAsync(FanoutRig rig, int visitor, CancellationToken done)
    {
        for (var i = 0; !done.IsCancellationRequested; i++)
        {
            var transport = new ScriptedTransport();
            var connection = rig.Open(transport, $"room-{i % 4}", $"room-{(i + 1) % 4}", $"visit-{visitor}-{i}");
            await Task.Yield();
            rig.Connections.Remove(connection);
        }
    }

    private static Task UntilAsync(Func<bool> condition, string phase) =>
        Deadline.UntilAsync(_ => Task.FromResult(condition()), Limit, phase, TestContext.Current.CancellationToken);
}
