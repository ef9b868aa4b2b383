using Push.LoadTest.Wire;
using Xunit;

namespace Push.UnitTests.LoadTest.Wire;

public sealed class ServerFrameTests
{
    [Theory]
    [InlineData(new byte[] { 0x81, 5 }, 2, 5)]
    [InlineData(new byte[] { 0x82, 125 }, 2, 125)]
    [InlineData(new byte[] { 0x81, 126, 0x01, 0x00 }, 4, 256)]
    [InlineData(new byte[] { 0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0 }, 10, 1L << 32)]
    public void All_three_forms_of_length_are_read(byte[] bytes, int head, long payload)
    {
        Assert.True(ServerFrame.TryRead(bytes, out var frame));
        Assert.Equal(new ServerFrame(bytes[0], head, payload), frame);
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0x81 })]
    [InlineData(new byte[] { 0x81, 126, 1 })]
    [InlineData(new byte[] { 0x81, 127, 0, 0, 0, 0, 0, 0, 1 })]
    public void An_incomplete_head_waits_for_more(byte[] bytes) => Assert.False(ServerFrame.TryRead(bytes, out _));

    [Fact]
    public void A_masked_frame_is_no_server_s() =>
        Assert.Throws<InvalidDataException>(() => ServerFrame.TryRead([0x81, 0x85, 0, 0, 0, 0], out _));
}
