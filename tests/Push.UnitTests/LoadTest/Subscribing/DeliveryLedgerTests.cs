using Push.LoadTest.Subscribing;
using Xunit;

namespace Push.UnitTests.LoadTest.Subscribing;

public sealed class DeliveryLedgerTests
{
    private readonly DeliveryLedger _ledger = new(connections: 2, lanes: 3);

    [Fact]
    public void Messages_in_order_are_counted_once_each()
    {
        Record(0, 0, 0, 1, 2);
        Record(1, 2, 0, 1);
        Assert.Equal((5, 0, 0, 0), Counts());
    }

    [Fact]
    public void A_passed_over_message_is_missing()
    {
        Record(1, 1, 0, 3);
        Assert.Equal((2, 0, 0, 2), Counts());
    }

    [Fact]
    public void A_message_that_comes_late_is_reordered_and_no_longer_missing()
    {
        Record(0, 1, 0, 2, 1, 3);
        Assert.Equal((4, 0, 1, 0), Counts());
    }

    [Fact]
    public void A_second_copy_is_a_duplicate()
    {
        Record(0, 0, 0, 1);
        Assert.False(_ledger.Record(0, 0, 1));
        Assert.False(_ledger.Record(0, 0, 0));
        Assert.Equal((2, 2, 0, 0), Counts());
    }

    [Fact]
    public void A_late_message_that_comes_twice_is_reordered_once_and_a_duplicate_once()
    {
        Record(0, 0, 1, 0);
        Assert.False(_ledger.Record(0, 0, 0));
        Assert.Equal((2, 1, 1, 0), Counts());
    }

    [Fact]
    public void A_connection_that_joins_midway_begins_with_what_comes_first()
    {
        _ledger.Restart(1);
        Record(1, 0, 700, 701);
        Record(1, 2, 5);
        Assert.Equal((3, 0, 0, 0), Counts());
    }

    private void Record(int connection, int lane, params int[] sequences) =>
        Assert.All(sequences, sequence => Assert.True(_ledger.Record(connection, lane, sequence)));

    private (long Unique, long Duplicates, long Reordered, long Missing) Counts() =>
        (_ledger.Unique, _ledger.Duplicates, _ledger.Reordered, _ledger.Missing);
}
