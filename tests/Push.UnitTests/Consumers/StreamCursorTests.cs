using Push.Contracts;
using Push.Edge.Consumers;
using Xunit;

namespace Push.UnitTests.Consumers;

public sealed class StreamCursorTests
{
    private readonly StreamCursor _cursor = new(TimeSpan.FromMinutes(5));

    [Fact]
    public void A_start_reads_the_window_and_delivers_behind_the_tail()
    {
        _cursor.Start("e1", tail: 41);
        Assert.Equal("300s", _cursor.AttachAt);
        Assert.Equal(42, _cursor.LiveFrom);
        Assert.True(_cursor.IsWarmingUp);

        Assert.True(_cursor.TryAdvance(40));
        Assert.True(_cursor.IsWarmingUp);
        Assert.True(_cursor.TryAdvance(41));
        Assert.False(_cursor.IsWarmingUp);
    }

    [Theory]
    [InlineData(42, false)]
    [InlineData(44, false)] // the broker's own records at the border of two segments
    [InlineData(45, true)]
    public void What_retention_took_is_told_from_the_brokers_own_records(long next, bool expected)
    {
        _cursor.Start("e1", tail: 40);
        Assert.False(_cursor.HasMissed(next));
        _cursor.TryAdvance(41);

        Assert.Equal(expected, _cursor.HasMissed(next));
    }

    [Fact]
    public void An_empty_stream_needs_no_warming_up()
    {
        _cursor.Start("e1", StreamTail.Empty);
        Assert.False(_cursor.IsWarmingUp);
        Assert.Equal(0, _cursor.LiveFrom);
    }

    [Fact]
    public void A_reader_that_found_nothing_in_the_window_attaches_again_where_delivery_begins()
    {
        _cursor.Start("e1", tail: 41);
        _cursor.EndWarmUp();
        Assert.Equal(42L, _cursor.AttachAt);
        Assert.False(_cursor.IsWarmingUp);
    }

    [Fact]
    public void The_end_of_warming_up_moves_nobody_who_has_read()
    {
        _cursor.Start("e1", tail: 41);
        Assert.True(_cursor.TryAdvance(99));
        _cursor.EndWarmUp();
        Assert.Equal(100L, _cursor.AttachAt);
    }

    [Fact]
    public void A_reader_attaches_again_behind_what_it_read()
    {
        _cursor.Start("e1", tail: 41);
        Assert.Null(_cursor.Position);
        Assert.True(_cursor.TryAdvance(99));
        Assert.Equal(100L, _cursor.AttachAt);
        Assert.Equal(new StreamPosition("e1", 99), _cursor.Position);
    }

    [Fact]
    public void An_offset_that_was_read_before_is_no_progress()
    {
        _cursor.Start("e1", tail: 41);
        Assert.True(_cursor.TryAdvance(99));
        Assert.False(_cursor.TryAdvance(99));
        Assert.False(_cursor.TryAdvance(3));
        Assert.Equal(100, _cursor.Next);
    }

    [Fact]
    public void A_stream_made_anew_is_delivered_from_its_beginning()
    {
        _cursor.Start("e1", tail: 41);
        Assert.True(_cursor.TryAdvance(99));
        _cursor.Restart("e2");
        Assert.Equal(("e2", "first", 0L), (_cursor.Epoch, _cursor.AttachAt, _cursor.LiveFrom));
        Assert.True(_cursor.TryAdvance(0));
        Assert.Equal(new StreamPosition("e2", 0), _cursor.Position);
    }

    [Fact]
    public void A_stream_that_lost_its_end_is_read_again_within_the_window_of_ids()
    {
        _cursor.Start("e1", tail: 41);
        Assert.True(_cursor.TryAdvance(99));
        _cursor.StartOver("e2");
        _cursor.EndWarmUp();
        Assert.Equal(("e2", "150s", 0L), (_cursor.Epoch, _cursor.AttachAt, _cursor.LiveFrom));
        Assert.True(_cursor.TryAdvance(7));
    }
}
