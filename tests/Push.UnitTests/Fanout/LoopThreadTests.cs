using System.Globalization;
using Push.Contracts;
using Push.TestKit;
using Push.TestKit.Clients;
using Xunit;

namespace Push.UnitTests.Fanout;

/// <summary>With the real threads.</summary>
public sealed class LoopThreadTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly RoomKey Room = RoomKey.Room("room");

    [Fact]
    public async Task Every_room_keeps_its_order_while_clients_come_and_go()
    {
        await using var rig = new FanoutRig(options => options.Loops = 2, clock: TimeProvider.System);
        await rig.StartAsync();
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
        await UntilAsync(() => rig.Loops.Backlog == 0, "the loops hand everything over");
        await UntilAsync(() => rig.Connections.Count == stayers.Length, "the visitors are forgotten");
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

        await UntilAsync(() => rig.Loops.Backlog >= 64 * 1024, "the backlog fills up");
        Assert.InRange(rig.Loops.Backlog, 64 * 1024, (64 * 1024) + 1200);
        Assert.False(reader.IsCompleted);
        Assert.InRange(Volatile.Read(ref published), 55, 67);

        await rig.StartAsync();
        await UntilAsync(() => reader.IsCompleted && rig.Loops.Backlog == 0, "the reader goes on");
        Assert.Equal(500, ReceivedFrame.ReadAll(transport.Received).Count);
    }

    [Fact]
    public async Task A_waiting_reader_returns_when_the_loops_stop()
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
        await UntilAsync(() => rig.Loops.Backlog >= 64 * 1024, "the backlog fills up");

        await rig.StartAsync();
        await rig.Loops.StopAsync(TestContext.Current.CancellationToken);

        await reader.WithinAsync(Limit, "the reader returns");
    }

    [Fact]
    public async Task Loops_end_when_the_host_stops_and_hold_nobody()
    {
        await using var rig = new FanoutRig(options => options.Loops = 2, clock: TimeProvider.System);
        await rig.StartAsync();
        var transports = Enumerable.Range(0, 4).Select(_ => new ScriptedTransport()).ToArray();
        Array.ForEach(transports, transport => rig.Open(transport, "room"));

        await rig.Loops.StopAsync(TestContext.Current.CancellationToken);

        Assert.All(rig.Loops.All.ToArray(), loop => Assert.False(loop.Thread.IsAlive));
        Assert.All(transports, transport => Assert.Equal(1, transport.Aborts));
        Assert.Equal(0, rig.Connections.Count);
        Assert.Null(rig.TryOpen(new ScriptedTransport(), FanoutRig.Session(), null));
    }

    private static async Task VisitAsync(FanoutRig rig, int visitor, CancellationToken done)
    {
        for (var i = 0; !done.IsCancellationRequested; i++)
        {
            var transport = new ScriptedTransport();
            var connection = rig.Open(transport, $"room-{i % 4}", $"room-{(i + 1) % 4}", $"visit-{visitor}-{i}");
            await Task.Yield();
            rig.Loops.Abort(connection);
        }
    }

    private static Task UntilAsync(Func<bool> condition, string phase) =>
        Deadline.UntilAsync(_ => Task.FromResult(condition()), Limit, phase, TestContext.Current.CancellationToken);
}
