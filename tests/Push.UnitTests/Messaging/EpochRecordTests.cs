using System.Text;
using Push.Messaging.RabbitMq;
using Xunit;

namespace Push.UnitTests.Messaging;

public sealed class EpochRecordTests
{
    private static readonly EpochRecord First = new("first", 0, EpochReason.Created, null);

    [Fact]
    public void A_record_has_the_form_of_the_protocol_and_is_read_again()
    {
        var record = new EpochRecord("9f86d081884c", 4712, EpochReason.Truncated, "2c26b46b68ff");
        Assert.Equal("""{"epoch":"9f86d081884c","validFrom":4712,"reason":"truncated","supersedes":"2c26b46b68ff"}""", Encoding.UTF8.GetString(record.ToUtf8()));
        Assert.Equal(record, EpochRecord.Parse(record.ToUtf8()));
        var named = EpochRecord.Begin(0, EpochReason.Restored, null);
        Assert.Equal(named, EpochRecord.Parse(named.ToUtf8()));
    }

    [Fact]
    public void A_bare_name_is_a_first_record() =>
        Assert.Equal(new EpochRecord("3fa4c0de", 0, EpochReason.Created, null), EpochRecord.Parse("3fa4c0de"u8));

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a:b")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"epoch":"a","validFrom":-1,"reason":"created"}""")]
    [InlineData("""{"epoch":"a b","validFrom":0,"reason":"created"}""")]
    [InlineData("""{"epoch":"","validFrom":0,"reason":"created"}""")]
    [InlineData("""{"epoch":null,"validFrom":0,"reason":"created"}""")]
    [InlineData("""{"epoch":"a","validFrom":0,"reason":"whim"}""")]
    [InlineData("""{"epoch":"a","validFrom":0,"reason":"created"}x""")]
    public void What_is_no_record_says_nothing(string body) => Assert.Null(EpochRecord.Parse(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void Of_two_that_supersede_one_epoch_the_first_counts()
    {
        var chain = EpochChain.Empty.Append(First)
            .Append(new EpochRecord("second", 0, EpochReason.Created, "first"))
            .Append(new EpochRecord("too late", 0, EpochReason.Created, "first"))
            .Append(new EpochRecord("of nobody", 9, EpochReason.Created, null));
        Assert.Equal("second", chain.Current!.Epoch);
    }

    [Fact]
    public void Only_a_stream_that_was_empty_in_a_later_epoch_is_proved_to_be_new()
    {
        var chain = EpochChain.Empty.Append(First).Append(new EpochRecord("cut", 7, EpochReason.Truncated, "first"));
        Assert.False(chain.BeganEmptyAfter("first"));
        Assert.False(chain.BeganEmptyAfter("unknown"));
        chain = chain.Append(new EpochRecord("new", 0, EpochReason.Created, "cut"));
        Assert.True(chain.BeganEmptyAfter("first"));
        Assert.True(chain.BeganEmptyAfter("cut"));
        Assert.False(chain.BeganEmptyAfter("new"));
        Assert.False(chain.BeganEmptyAfter("unknown"));
    }

    [Fact]
    public void A_name_alone_loses_nothing()
    {
        var named = EpochChain.Empty.Append(new EpochRecord("named", 100, EpochReason.Created, null));
        Assert.False(named.MayHaveLostAfter("of a deleted epoch stream"));
        Assert.False(named.MayHaveLostAfter("named"));
        Assert.True(named.Append(new EpochRecord("cut", 7, EpochReason.Truncated, "named")).MayHaveLostAfter("named"));
        Assert.True(EpochChain.Empty.Append(First).MayHaveLostAfter("of before everything was wiped"));
    }
}
