using Push.Gateway;
using Push.TestKit.Clients;
using Xunit;

namespace Push.UnitTests.Gateway;

public sealed class FrameWalkTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public void Borders_are_found_however_the_stream_is_cut(int length)
    {
        foreach (var frame in (byte[][])[ClientFrames.Frame(ClientFrames.Text, new byte[length]), Unmasked(length)])
        {
            byte[] three = [.. frame, .. frame, .. frame];
            foreach (var piece in (int[])[1, 2, 3, 7, 100, three.Length])
            {
                var walk = default(FrameWalk);
                List<int> borders = [];
                for (var at = 0; at < three.Length;)
                {
                    at += walk.Pass(three.AsSpan(at, Math.Min(piece, three.Length - at)), toBorder: true);
                    if (walk.IsAtBorder)
                    {
                        borders.Add(at);
                    }
                }

                Assert.Equal([frame.Length, frame.Length * 2, frame.Length * 3], borders);
                Assert.False(walk.HasClose);
            }
        }
    }

    [Fact]
    public void Without_need_for_a_border_everything_passes_at_once()
    {
        var walk = default(FrameWalk);
        byte[] bytes = [.. Unmasked(10), .. Unmasked(200)];
        Assert.Equal(bytes.Length - 1, walk.Pass(bytes.AsSpan(..^1), toBorder: false));
        Assert.False(walk.IsAtBorder);
        Assert.Equal(1, walk.Pass(bytes.AsSpan(^1..), toBorder: true));
        Assert.True(walk.IsAtBorder);
    }

    [Fact]
    public void A_close_frame_is_seen()
    {
        var walk = default(FrameWalk);
        walk.Pass(ClientFrames.CloseFrame(1000), toBorder: false);
        Assert.True(walk.HasClose);
    }

    private static byte[] Unmasked(int length) => length switch
    {
        < 126 => [0x82, (byte)length, .. new byte[length]],
        < 65_536 => [0x82, 126, (byte)(length >> 8), (byte)length, .. new byte[length]],
        _ => [0x82, 127, 0, 0, 0, 0, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length, .. new byte[length]],
    };
}
