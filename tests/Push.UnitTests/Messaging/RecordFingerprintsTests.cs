using Push.Messaging.RabbitMq;
using Xunit;

namespace Push.UnitTests.Messaging;

public sealed class RecordFingerprintsTests
{
    private readonly RecordFingerprints _fingerprints = new(capacity: 4);

    [Fact]
    public void The_last_ones_are_known_by_offset()
    {
        Assert.True(_fingerprints.IsEmpty);
        for (var offset = 10; offset < 16; offset++)
        {
            _fingerprints.Add(offset, (ulong)offset, 0);
        }

        Assert.Equal(12, _fingerprints.Oldest);
        Assert.True(_fingerprints.Matches(12, 12, 0));
        Assert.False(_fingerprints.Matches(11, 11, 0));
        Assert.False(_fingerprints.Matches(12, 13, 0));
        Assert.False(_fingerprints.Matches(16, 16, 0));
    }

    [Fact]
    public void What_is_published_once_more_is_another_record_of_the_same_content()
    {
        _fingerprints.Add(10, 77, 5);
        Assert.True(_fingerprints.Matches(10, 77, 5));
        Assert.False(_fingerprints.Matches(10, 77, 0));
        Assert.False(_fingerprints.Matches(10, 77, 6));
        Assert.True(_fingerprints.Contains(77));
    }

    [Fact]
    public void Content_is_known_although_the_stream_was_cut()
    {
        _fingerprints.Add(10, 77, 0);
        _fingerprints.Add(11, 78, 0);
        _fingerprints.CutAt(11);
        Assert.True(_fingerprints.Matches(10, 77, 0));
        Assert.False(_fingerprints.Matches(11, 78, 0));
        Assert.True(_fingerprints.Contains(78));
        _fingerprints.CutAt(0);
        Assert.True(_fingerprints.IsEmpty);
    }

    [Fact]
    public void An_offset_that_the_broker_took_for_itself_matches_nothing()
    {
        _fingerprints.Add(10, 77, 0);
        _fingerprints.Add(12, 78, 0);
        Assert.False(_fingerprints.Matches(11, 0, 0));
        Assert.True(_fingerprints.Matches(10, 77, 0));
        _fingerprints.Add(13, 0, 0);
        Assert.True(_fingerprints.Matches(13, 0, 0));
    }
}
