using CsCheck;
using Push.LoadTest.Wire;
using Xunit;

namespace Push.UnitTests.LoadTest.Wire;

public sealed class StampTests
{
    [Fact]
    public void A_stamp_is_read_as_it_was_written() =>
        Gen.Select(Gen.Int[0, Stamp.Everybody], Gen.Int[0, Stamp.MaxLanes - 1], Gen.Int[0, (1 << 28) - 1], Gen.Bool, Gen.Long[0, long.MaxValue]).Sample(
            (room, lane, sequence, measured, time) =>
            {
                var stamp = new Stamp(room, lane, sequence, measured, time);
                var message = new byte[Stamp.Length + 5];
                stamp.Write(message);
                Assert.True(Stamp.TryRead(message, out var read));
                Assert.Equal(stamp, read);
            });

    [Fact]
    public void A_stamp_needs_no_escaping_in_any_protocol()
    {
        var message = new byte[Stamp.Length];
        new Stamp(0xABCD, 0xEF, 0x1234567, true, unchecked((long)0xFEDC_BA98_7654_3210)).Write(message);
        Assert.All(message, b => Assert.InRange(b, (byte)'a', (byte)'z'));
    }

    [Theory]
    [InlineData("")]
    [InlineData("kl")]
    [InlineData("{\"home\":1,\"away\":0,\"scorer\":\"somebody\"}")]
    public void Other_messages_are_not_taken_for_stamped_ones(string message) =>
        Assert.False(Stamp.TryRead(System.Text.Encoding.UTF8.GetBytes(message), out _));
}
