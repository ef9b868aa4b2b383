using Push.Contracts;
using Push.TestKit.Clients;
using Xunit;

namespace Push.UnitTests.Fanout;

public sealed class CoalescingTests : IAsyncDisposable
{
    private static readonly RoomKey Room = RoomKey.Room("room");
    private static readonly TimeSpan HalfWindow = TimeSpan.FromMilliseconds(0.5);

    private readonly FanoutRig _rig = new();
    private readonly ScriptedTransport _transport = new();

    private List<string> Received => ReceivedFrame.Describe(_transport.Received);

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public void A_busy_room_coalesces_for_a_moment()
    {
        _rig.Open(_transport, "room");
        PublishTwo();
        _rig.RunRound();

        _rig.Publish(Room, "three");
        Assert.Equal(0, _rig.RunRound());
        Assert.Equal(TimeSpan.FromMilliseconds(1), _rig.Loop.UntilCoalesced);
        _rig.Publish(Room, "four");
        _rig.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(1, _rig.RunRound());
        Assert.Equal(["one", "two", "three", "four"], Received);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(3, 3)]
    [InlineData(20, 8)]
    public void A_busy_room_coalesces_as_long_as_its_last_pass_took_within_bounds(int passMilliseconds, int coalesceMilliseconds)
    {
        _rig.Open(_transport, "room");
        PublishTwo();
        _transport.Sending = () => _rig.Time.Advance(TimeSpan.FromMilliseconds(passMilliseconds));
        Assert.True(_rig.RunTurn());

        _rig.Publish(Room, "three");

        Assert.Equal(0, _rig.RunRound());
        Assert.Equal(TimeSpan.FromMilliseconds(coalesceMilliseconds), _rig.Loop.UntilCoalesced);
    }

    [Fact]
    public void A_short_coalescing_does_not_wait_behind_a_long_one()
    {
        _rig.Open(new ScriptedTransport { Sending = () => _rig.Time.Advance(TimeSpan.FromMilliseconds(8)) }, "big");
        _rig.Open(_transport, "room");
        _rig.Publish(RoomKey.Room("big"), "one");
        _rig.Publish(RoomKey.Room("big"), "two");
        Assert.True(_rig.RunTurn());
        PublishTwo();
        _rig.RunRound();

        _rig.Publish(Room, "three");
        _rig.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(1, _rig.RunRound());
        Assert.Equal(["one", "two", "three"], Received);
    }

    [Fact]
    public void A_room_that_has_calmed_down_is_sent_to_at_once()
    {
        _rig.Open(_transport, "room");
        PublishTwo();
        _rig.RunRound();
        _rig.Time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal(0, _rig.RunRound());

        _rig.Publish(Room, "three");

        Assert.Equal(1, _rig.RunRound());
    }

    [Fact]
    public void A_room_that_pauses_briefly_coalesces_from_the_next_publication_on()
    {
        _rig.Open(_transport, "room");
        PublishTwo();
        _rig.RunRound();
        _rig.Time.Advance(TimeSpan.FromMilliseconds(5));
        Assert.Equal(0, _rig.RunRound());

        _rig.Publish(Room, "three");
        Assert.Equal(0, _rig.RunRound());
        Assert.Equal(TimeSpan.FromMilliseconds(1), _rig.Loop.UntilCoalesced);
        _rig.Publish(Room, "four");
        _rig.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(1, _rig.RunRound());
        Assert.Equal(["one", "two", "three", "four"], Received);
    }

    [Fact]
    public void A_room_that_gets_one_at_a_time_never_coalesces_however_fast_they_come()
    {
        _rig.Open(_transport, "room");

        for (var i = 0; i < 100; i++)
        {
            _rig.Publish(Room, $"{i}");
            Assert.Equal(1, _rig.RunRound());
        }

        Assert.Equal(100, Received.Count);
    }

    [Fact]
    public void A_full_batch_does_not_wait_for_more()
    {
        _rig.Open(_transport, "room");
        PublishTwo();
        _rig.RunRound();
        _rig.Time.Advance(HalfWindow);
        var text = new string('x', 1000);

        for (var i = 0; i < 17; i++)
        {
            _rig.Publish(Room, text);
        }

        Assert.Equal(1, _rig.RunRound());
        Assert.Equal(2 + 16, Received.Count);

        // The rest is not full and coalesces anew: the end of the first coalescing is not its end.
        _rig.Time.Advance(HalfWindow);
        Assert.Equal(0, _rig.RunRound());
        _rig.Time.Advance(HalfWindow);
        Assert.Equal(1, _rig.RunRound());
        Assert.Equal(2 + 17, Received.Count);
    }

    [Fact]
    public async Task Without_a_window_nothing_coalesces()
    {
        await using var rig = new FanoutRig(options => options.CoalesceWindow = TimeSpan.Zero);
        rig.Open(_transport, "room");
        rig.Publish(Room, "one");
        rig.Publish(Room, "two");
        rig.RunRound();

        rig.Publish(Room, "three");

        Assert.Equal(1, rig.RunRound());
    }

    private void PublishTwo()
    {
        _rig.Publish(Room, "one");
        _rig.Publish(Room, "two");
    }
}
