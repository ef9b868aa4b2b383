using Push.Contracts;
using Push.Edge.Fanout;
using Push.TestKit.Clients;
using Xunit;

namespace Push.UnitTests.Fanout;

public sealed class EventLoopTests : IAsyncDisposable
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
        Assert.Equal(1, _rig.RunRound());
        _rig.Publish(Room, "two");
        Assert.Equal(1, _rig.RunRound());

        Assert.Equal(["one", "two"], Received);
    }

    [Fact]
    public void What_comes_before_the_turn_goes_in_one_pass()
    {
        _rig.Open(_transport, "room");

        _rig.Publish(Room, "one");
        _rig.Publish(Room, "two");

        Assert.Equal(1, _rig.RunRound());
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

        Assert.True(_rig.RunTurn());
        Assert.InRange(_transport.Received.Length, 15_000, Batch.MaxBytes);
        _rig.RunRound();
        _rig.Time.Advance(TimeSpan.FromMilliseconds(1));
        _rig.RunRound();
        Assert.Equal(texts, Received);
    }

    [Fact]
    public void A_small_room_is_not_stuck_behind_a_big_one()
    {
        var big = OpenBig(5000);
        _rig.Open(_transport, "room");
        _rig.Publish(RoomKey.Room("big"), "hello");
        _rig.Publish(Room, "hello");

        Assert.True(_rig.RunTurn());
        Assert.True(_rig.RunTurn());

        Assert.Equal(["hello"], Received);
        Assert.Equal(EventLoop.SliceMembers, big.Count(transport => transport.Received.Length > 0));
        _rig.RunRound();
        Assert.All(big, transport => Assert.Equal(["hello"], ReceivedFrame.Describe(transport.Received)));
    }

    [Fact]
    public void Who_joins_during_a_pass_gets_what_is_published_afterwards()
    {
        OpenBig(EventLoop.SliceMembers + 1);
        _rig.Publish(RoomKey.Room("big"), "before");
        Assert.True(_rig.RunTurn());

        _rig.Open(_transport, "big");
        _rig.Publish(RoomKey.Room("big"), "after");
        _rig.RunRound();

        Assert.Equal(["after"], Received);
    }

    [Fact]
    public void Who_leaves_during_a_pass_harms_nobody()
    {
        var served = _rig.Open(new ScriptedTransport(), "big");
        var others = OpenBig(2 * EventLoop.SliceMembers);
        var unserved = _rig.Open(new ScriptedTransport(), "big");
        _rig.Publish(RoomKey.Room("big"), "hello");
        Assert.True(_rig.RunTurn());

        _rig.Cut(served);
        _rig.Cut(unserved);
        _rig.RunRound();

        Assert.All(others, transport => Assert.Equal(["hello"], ReceivedFrame.Describe(transport.Received)));
        Assert.Equal(0, _rig.Loop.Mail.Backlog);
    }

    [Fact]
    public void A_room_that_empties_before_its_turn_returns_what_waits()
    {
        var leaver = _rig.Open(_transport, "room");
        _rig.Publish(Room, "hello");
        _rig.Loop.TakeMail();

        _rig.Cut(leaver);
        _rig.RunRound();

        Assert.Equal(0, _rig.Loop.Mail.Backlog);
        Assert.False(_rig.Fanout.HasSubscribers(Room));
    }

    [Fact]
    public void A_publication_whose_room_is_gone_when_it_arrives_is_dropped()
    {
        var leaver = _rig.Open(_transport, "room");
        _rig.Publish(Room, "hello");

        _rig.Cut(leaver);
        Assert.Equal(0, _rig.RunRound());

        Assert.Equal(0, _rig.Loop.Mail.Backlog);
        Assert.Empty(Received);
    }

    [Fact]
    public void Publications_to_a_user_keep_their_order_when_a_second_connection_opens()
    {
        var user = RoomKey.User("u");
        var second = new ScriptedTransport();
        _rig.Open(_transport, FanoutRig.Session("u"));
        _rig.Publish(user, "one");
        _rig.Loop.TakeMail();
        _rig.Open(second, FanoutRig.Session("u"));
        _rig.Publish(user, "two");

        _rig.RunRound();

        Assert.Equal(["one", "two"], Received);
        Assert.Equal(["two"], ReceivedFrame.Describe(second.Received));
        Assert.Equal(0, _rig.Loop.Mail.Backlog);
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
            _rig.RunRound();
            _rig.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(CloseReason.SlowConsumer, slow.CloseReason);
        Assert.Equal(20, Received.Count);
    }

    [Fact]
    public void A_connection_joins_and_leaves_rooms_one_at_a_time()
    {
        var connection = _rig.Open(_transport, "room");

        _rig.Loops.Subscribe(connection, "other");
        _rig.Loops.Subscribe(connection, "other");
        _rig.RunRound();
        Publish("to both");
        _rig.Loops.Unsubscribe(connection, "room");
        _rig.Loops.Unsubscribe(connection, "nowhere");
        _rig.RunRound();
        Assert.False(_rig.Fanout.HasSubscribers(Room));
        Publish("to other");

        Assert.Equal(["to both", "to both", "to other"], Received);
        Assert.Equal(["other"], connection.Rooms);
        _rig.Cut(connection);
        Assert.Equal(0, _rig.Subscribers.Rooms);

        void Publish(string text)
        {
            _rig.Publish(Room, text);
            _rig.Publish(RoomKey.Room("other"), text);
            _rig.RunRound();
        }
    }

    [Fact]
    public void A_publication_may_be_sent_to_one_connection_alone()
    {
        var connection = _rig.Open(_transport, "room");
        var other = new ScriptedTransport();
        _rig.Open(other, "room");

        _rig.Loops.Send(connection, new EncodedPublication(Room, FanoutRig.Frame("welcome")));
        _rig.RunRound();

        Assert.Equal(["welcome"], Received);
        Assert.Empty(other.Received);
    }

    [Fact]
    public void Commands_about_a_connection_that_has_ended_do_nothing()
    {
        var connection = _rig.Open(_transport, "room");
        _rig.Cut(connection);

        _rig.Loops.Subscribe(connection, "other");
        _rig.Loops.Unsubscribe(connection, "room");
        _rig.Loops.Send(connection, new EncodedPublication(Room, FanoutRig.Frame("late")));
        _rig.Loops.Close(connection, CloseReason.Draining);
        _rig.Loops.Flush(connection);
        _rig.RunRound();

        Assert.Empty(Received);
        Assert.Equal(CloseReason.ConnectionLost, connection.CloseReason);
        Assert.False(_rig.Fanout.HasSubscribers(RoomKey.Room("other")));
    }

    private ScriptedTransport[] OpenBig(int count)
    {
        var transports = Enumerable.Range(0, count).Select(_ => new ScriptedTransport()).ToArray();
        Array.ForEach(transports, transport => _rig.Open(transport, "big"));
        return transports;
    }
}
