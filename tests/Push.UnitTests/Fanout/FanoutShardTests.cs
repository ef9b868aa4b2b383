using Push.Contracts;
using Push.Edge.Fanout;
using Push.TestKit.Clients;
using Xunit;

namespace Push.UnitTests.Fanout;

public sealed class FanoutShardTests : IAsyncDisposable
{
    private static readonly RoomKey Room = RoomKey.Room("room");

    private readonly FanoutRig _rig = new();
    private readonly ScriptedTransport _transport = new();

    private List<string> Received => ReceivedFrame.Describe(_transport.Received);

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public void An_idle_room_is_sent_to_at_once()
    {
        _rig.Open(_transport, "room");

        _rig.Publish(Room, "one");
        Assert.Equal(1, _rig.RunTurns());
        _rig.Publish(Room, "two");
        Assert.Equal(1, _rig.RunTurns());

        Assert.Equal(["one", "two"], Received);
    }

    [Fact]
    public void What_comes_before_the_turn_goes_in_one_pass()
    {
        _rig.Open(_transport, "room");

        _rig.Publish(Room, "one");
        _rig.Publish(Room, "two");

        Assert.Equal(1, _rig.RunTurns());
        Assert.Equal(["one", "two"], Received);
    }

    [Fact]
    public void A_pass_is_split_between_frames()
    {
        _rig.Open(_transport, "room");
        var texts = Enumerable.Range(0, 40).Select(i => $"{i}".PadLeft(1000, '.')).ToArray();

        foreach (var text in texts)
        {
            _rig.Publish(Room, text);
        }

        Assert.True(_rig.Shard.TryTakeTurn(out var turn, out _));
        turn.Run();
        _rig.Shard.EndTurn(turn);
        Assert.InRange(_transport.Received.Length, 15_000, Batch.MaxBytes);
        _rig.RunTurns();
        _rig.Time.Advance(TimeSpan.FromMilliseconds(1));
        _rig.RunTurns();
        Assert.Equal(texts, Received);
    }

    [Fact]
    public void A_small_room_is_not_stuck_behind_a_big_one()
    {
        var big = Enumerable.Range(0, 5000).Select(_ => new ScriptedTransport()).ToArray();
        Array.ForEach(big, transport => _rig.Open(transport, "big"));
        _rig.Open(_transport, "room");
        _rig.Publish(RoomKey.Room("big"), "hello");
        _rig.Publish(Room, "hello");

        for (var i = 0; i < 2; i++)
        {
            Assert.True(_rig.Shard.TryTakeTurn(out var turn, out _));
            turn.Run();
            _rig.Shard.EndTurn(turn);
        }

        Assert.Equal(["hello"], Received);
        Assert.Equal(FanoutPass.SliceMembers, big.Count(transport => transport.Received.Length > 0));
        _rig.RunTurns();
        Assert.All(big, transport => Assert.Equal(["hello"], ReceivedFrame.Describe(transport.Received)));
    }

    [Fact]
    public void Who_joins_during_a_pass_gets_what_is_published_afterwards()
    {
        _rig.Open(new ScriptedTransport(), "room");
        _rig.Publish(Room, "before");
        Assert.True(_rig.Shard.TryTakeTurn(out var turn, out _));

        _rig.Open(_transport, "room");
        _rig.Publish(Room, "after");
        turn.Run();
        _rig.Shard.EndTurn(turn);
        _rig.RunTurns();

        Assert.Equal(["after"], Received);
    }

    [Fact]
    public void Who_leaves_during_a_pass_harms_nobody()
    {
        var leaver = _rig.Open(new ScriptedTransport(), "room");
        _rig.Open(_transport, "room");
        _rig.Publish(Room, "hello");
        Assert.True(_rig.Shard.TryTakeTurn(out var turn, out _));

        _rig.Connections.Remove(leaver);
        turn.Run();
        _rig.Shard.EndTurn(turn);

        Assert.Equal(["hello"], Received);
        Assert.Equal(0, _rig.Pool.Outstanding);
    }

    [Fact]
    public void A_room_that_empties_before_its_turn_returns_what_waits()
    {
        var leaver = _rig.Open(_transport, "room");
        _rig.Publish(Room, "hello");

        _rig.Connections.Remove(leaver);
        _rig.RunTurns();

        Assert.Equal((0, 0L), (_rig.Pool.Outstanding, _rig.Shard.Backlog));
        Assert.False(_rig.Fanout.HasSubscribers(Room));
    }

    [Fact]
    public void Publications_to_a_user_keep_their_order_when_a_second_connection_opens()
    {
        var user = RoomKey.User("u");
        var second = new ScriptedTransport();
        _rig.Open(_transport, FanoutRig.Session("u"));
        _rig.Publish(user, "one");
        _rig.Open(second, FanoutRig.Session("u"));
        _rig.Publish(user, "two");

        _rig.RunTurns();

        Assert.Equal(["one", "two"], Received);
        Assert.Equal(["two"], ReceivedFrame.Describe(second.Received));
        Assert.Equal((0, 0L), (_rig.Pool.Outstanding, _rig.Shard.Backlog));
    }

    [Fact]
    public void A_slow_consumer_costs_the_others_nothing()
    {
        var stalled = new ScriptedTransport();
        stalled.PeerStalls();
        var slow = _rig.Open(stalled, "room");
        _rig.Open(_transport, "room");
        var text = new string('x', 10_000);

        for (var i = 0; i < 20; i++)
        {
            _rig.Publish(Room, text);
            _rig.RunTurns();
            _rig.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(CloseReason.SlowConsumer, slow.CloseReason);
        Assert.Equal(20, Received.Count);
    }
}
