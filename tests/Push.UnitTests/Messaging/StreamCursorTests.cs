using Microsoft.Extensions.Time.Testing;
using Push.Contracts;
using Push.Messaging.RabbitMq;
using Xunit;

namespace Push.UnitTests.Messaging;

public sealed class StreamCursorTests
{
    private static readonly EpochRecord First = new("e1", 0, EpochReason.Created, null);

    private readonly FakeTimeProvider _time = new();
    private readonly EpochChain _chain = EpochChain.Empty.Append(First);
    private readonly StreamCursor _cursor;

    public StreamCursorTests() => _cursor = new StreamCursor(TimeSpan.FromMinutes(5), _time);

    [Fact]
    public void A_start_reads_the_window_and_delivers_behind_the_tail()
    {
        Assert.Equal("300s", _cursor.Attach(_chain, tail: 41));
        Assert.Equal(42, _cursor.LiveFrom);
        Assert.True(_cursor.IsWarmingUp);

        Assert.Equal(RecordFate.Remember, Advance(40));
        Assert.True(_cursor.IsWarmingUp);
        Assert.Equal(RecordFate.Remember, Advance(41));
        Assert.False(_cursor.IsWarmingUp);
        Assert.Equal(RecordFate.Deliver, Advance(42));
        Assert.Equal(new StreamPosition("e1", 42), _cursor.Position);
    }

    [Fact]
    public void Where_the_end_is_not_known_a_start_reads_what_comes_next_and_nothing_older()
    {
        Assert.Equal("next", _cursor.Attach(_chain, tail: null));
        _cursor.EndWarmUp();
        Assert.False(_cursor.IsWarmingUp);
        Assert.Equal(RecordFate.Deliver, Advance(1000));
    }

    [Fact]
    public void Before_its_first_record_a_reader_attaches_again_at_the_time_of_its_start()
    {
        _cursor.Attach(_chain, tail: null);
        _cursor.EndWarmUp();
        _cursor.Detach();
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal("5s", _cursor.Attach(_chain, tail: 7));
        Assert.Equal(RecordFate.Deliver, Advance(7));
    }

    [Theory]
    [InlineData(42, 0)]
    [InlineData(44, 0)] // the broker's own records at the border of two segments
    [InlineData(45, 3)]
    public void What_retention_took_is_told_from_the_brokers_own_records(long next, long missed)
    {
        _cursor.Attach(_chain, tail: 40);
        Assert.Equal(0, _cursor.MissedBefore(next));
        Advance(41);
        Assert.Equal(missed, _cursor.MissedBefore(next));
    }

    [Fact]
    public void A_reader_that_found_nothing_in_the_window_attaches_again_where_delivery_begins()
    {
        _cursor.Attach(_chain, tail: 41);
        _cursor.EndWarmUp();
        Assert.False(_cursor.IsWarmingUp);
        _cursor.Detach();
        Assert.Equal(42L, _cursor.Attach(_chain, tail: 50));
    }

    [Fact]
    public void The_end_of_warming_up_moves_nobody_who_has_read()
    {
        _cursor.Attach(_chain, tail: 41);
        Advance(99);
        _cursor.EndWarmUp();
        Assert.Equal(100, _cursor.Next);
    }

    [Fact]
    public void It_attaches_again_at_the_last_record_and_reads_on_behind_it()
    {
        Read(0, 20);
        _cursor.Detach();
        Assert.Equal(19L, _cursor.Attach(_chain, tail: 25));
        Assert.Equal(RecordFate.Skip, Advance(19));
        Assert.Equal(RecordFate.Deliver, Advance(20));
        Assert.Null(_cursor.Break);
    }

    [Fact]
    public void Another_name_for_the_same_stream_changes_nothing_but_the_name()
    {
        Read(0, 20);
        _cursor.Detach();
        Assert.Equal(19L, _cursor.Attach(EpochChain.Empty.Append(new EpochRecord("e2", 20, EpochReason.Created, null)), tail: 19));
        Assert.Equal(RecordFate.Skip, Advance(19));
        Assert.Equal(RecordFate.Deliver, Advance(20));
        Assert.Equal(new StreamPosition("e2", 20), _cursor.Position);
    }

    [Fact]
    public void A_stream_that_is_proved_to_be_new_is_read_from_its_beginning()
    {
        Read(0, 20);
        _cursor.Ended();
        _cursor.Detach();
        var chain = _chain.Append(new EpochRecord("e2", 0, EpochReason.Created, "e1"));
        Assert.Equal("first", _cursor.Attach(chain, tail: null));
        Assert.Equal(RecordFate.Deliver, Advance(0));
        Assert.Null(_cursor.Break);
        Assert.Equal(new StreamPosition("e2", 0), _cursor.Position);
    }

    [Fact]
    public void What_replaced_a_lost_end_is_delivered_in_a_new_epoch()
    {
        Read(0, 20);
        _cursor.Detach();
        Assert.Equal(16L, _cursor.Attach(_chain, tail: 16));
        Assert.Equal(RecordFate.Skip, Advance(16));
        Assert.Equal(RecordFate.AttachAgain, Advance(17, "another"));
        Assert.Equal(new StreamBreak(EpochReason.Truncated, 17, "e1", NeedsEpoch: true), _cursor.Break);

        _cursor.Mended();
        Assert.Equal("10s", _cursor.Attach(_chain.Append(new EpochRecord("e2", 17, EpochReason.Truncated, "e1")), tail: 17));
        Assert.Equal(RecordFate.Skip, Advance(16));
        Assert.Equal(RecordFate.Deliver, Advance(17, "another"));
        Assert.Equal(new StreamPosition("e2", 17), _cursor.Position);
    }

    [Fact]
    public void A_lost_end_that_has_grown_beyond_where_the_reader_was_is_found_far_back()
    {
        Read(0, 20);
        _cursor.Detach();
        Assert.Equal(19L, _cursor.Attach(_chain, tail: 40));
        Assert.Equal(RecordFate.AttachAgain, Advance(19, "another"));
        Assert.Null(_cursor.Break);
        Assert.Equal(0L, _cursor.Attach(_chain, tail: 40));
        for (var offset = 0; offset < 12; offset++)
        {
            Assert.Equal(RecordFate.Skip, Advance(offset));
        }

        Assert.Equal(RecordFate.AttachAgain, Advance(12, "another"));
        Assert.Equal(12, _cursor.Break!.ValidFrom);
    }

    [Fact]
    public void Of_another_stream_only_what_is_younger_than_the_last_sign_of_the_old_one_is_read()
    {
        Read(0, 20);
        _cursor.Detach();
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(3L, _cursor.Attach(_chain, tail: 3));
        Assert.Equal(RecordFate.AttachAgain, Advance(3, "another"));
        Assert.Equal(RecordFate.AttachAgain, AttachAndAdvance(0, "another"));
        Assert.Equal(new StreamBreak(EpochReason.Restored, 0, "e1", NeedsEpoch: true), _cursor.Break);

        _cursor.Mended();
        Assert.Equal("40s", _cursor.Attach(_chain.Append(new EpochRecord("e2", 0, EpochReason.Restored, "e1")), tail: 3));
        Assert.Equal(RecordFate.Deliver, Advance(2, "another"));
        Assert.Null(_cursor.Break);

        RecordFate AttachAndAdvance(long offset, string text)
        {
            Assert.Equal(offset, _cursor.Attach(_chain, tail: 3));
            return Advance(offset, text);
        }
    }

    [Fact]
    public void A_break_that_somebody_has_named_needs_no_further_epoch()
    {
        Read(0, 20);
        _cursor.Detach();
        var chain = _chain.Append(new EpochRecord("e2", 15, EpochReason.Truncated, "e1"));
        _cursor.Attach(chain, tail: 16);
        Assert.Equal(RecordFate.AttachAgain, Advance(16, "another"));
        _cursor.Attach(chain, tail: 16);
        for (var offset = 0; offset < 15; offset++)
        {
            Advance(offset);
        }

        Assert.Equal(RecordFate.AttachAgain, Advance(15, "another"));
        Assert.Equal(new StreamBreak(EpochReason.Truncated, 15, "e2", NeedsEpoch: false), _cursor.Break);
    }

    [Fact]
    public void A_broker_that_does_not_say_where_the_stream_ends_is_asked_for_what_came_lately()
    {
        Read(0, 20);
        _cursor.Detach();
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("13s", _cursor.Attach(_chain, tail: null));
        Assert.Equal(RecordFate.Skip, Advance(18));
        Assert.Equal(RecordFate.Skip, Advance(19));
        Assert.Equal(RecordFate.Deliver, Advance(20));
        Assert.Null(_cursor.Break);
    }

    [Fact]
    public void What_lies_between_is_read_although_it_is_older_than_what_came_lately()
    {
        Read(0, 20);
        _cursor.Detach();
        _cursor.Attach(_chain, tail: null);
        Assert.Equal(RecordFate.AttachAgain, Advance(25));
        Assert.Equal(19L, _cursor.Attach(_chain, tail: 25));
        Assert.Equal(RecordFate.Skip, Advance(19));
        Assert.Equal(RecordFate.Deliver, Advance(20));
    }

    [Fact]
    public void What_is_published_once_more_is_delivered_where_it_was_not_read()
    {
        Read(0, 20);
        Assert.Equal(RecordFate.Skip, Advance(20, "7", republication: 3));
        Assert.Equal(RecordFate.Deliver, Advance(21, "lost", republication: 3));
        Assert.Equal(RecordFate.Deliver, Advance(22, "7"));
    }

    [Fact]
    public void What_was_read_of_a_new_stream_before_its_epoch_was_heard_of_is_not_delivered_again()
    {
        Read(0, 3);
        var chain = _chain.Append(new EpochRecord("e2", 0, EpochReason.Created, "e1"));
        Assert.False(_cursor.TryAdopt(chain));
        Assert.Equal(0L, _cursor.Attach(chain, tail: 3));
        Assert.All([0, 1, 2], offset => Assert.Equal(RecordFate.Skip, Advance(offset)));
        Assert.Equal(RecordFate.Deliver, Advance(3));
        Assert.Equal(new StreamPosition("e2", 3), _cursor.Position);
        Assert.True(_cursor.TryAdopt(chain));
    }

    [Fact]
    public void A_new_stream_whose_records_are_others_is_read_from_its_beginning()
    {
        Read(0, 3);
        var chain = _chain.Append(new EpochRecord("e2", 0, EpochReason.Created, "e1"));
        Assert.False(_cursor.TryAdopt(chain));
        Assert.Equal(0L, _cursor.Attach(chain, tail: 3));
        Assert.Equal(RecordFate.AttachAgain, Advance(0, "another"));
        Assert.Equal("first", _cursor.Attach(chain, tail: 3));
        Assert.Equal(RecordFate.Deliver, Advance(0, "another"));
        Assert.Null(_cursor.Break);
    }

    [Fact]
    public void A_publication_that_was_published_once_more_twice_over_is_told_apart_at_one_offset()
    {
        Read(0, 20);
        Assert.Equal(RecordFate.Deliver, Advance(20, "lost", republication: 3));
        _cursor.Detach();
        Assert.Equal(20L, _cursor.Attach(_chain, tail: 20));
        Assert.Equal(RecordFate.AttachAgain, Advance(20, "lost", republication: 4));
    }

    [Fact]
    public void A_reader_that_guessed_looks_again_once_the_end_is_known()
    {
        Read(0, 20);
        _cursor.Detach();
        Assert.Equal("10s", _cursor.Attach(_chain, tail: null));
        Assert.True(_cursor.IsGuessing);
        Assert.False(_cursor.Sees(30));
        Assert.Equal(19L, _cursor.Attach(_chain, tail: 30));
    }

    private void Read(int first, int end)
    {
        _cursor.Attach(_chain, tail: null);
        _cursor.EndWarmUp();
        _time.Advance(TimeSpan.FromHours(1));
        for (var offset = first; offset < end; offset++)
        {
            Assert.Equal(RecordFate.Deliver, Advance(offset));
        }
    }

    private RecordFate Advance(long offset, string? text = null, ulong republication = 0) =>
        _cursor.Advance(offset, (ulong)(text ?? $"{offset}").GetHashCode(StringComparison.Ordinal), republication);
}
