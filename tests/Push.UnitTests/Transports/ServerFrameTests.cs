using System.Text;
using Push.Contracts;
using Push.Edge.Transports.WebSockets;
using Push.TestKit.Clients;
using Xunit;

namespace Push.UnitTests.Transports;

public sealed class ServerFrameTests
{
    [Theory]
    [InlineData(0, 2)]
    [InlineData(125, 2)]
    [InlineData(126, 4)]
    [InlineData(65_535, 4)]
    [InlineData(65_536, 10)]
    public void Lengths_take_their_shortest_form(int payloadLength, int headerLength)
    {
        var payload = Enumerable.Range(0, payloadLength).Select(i => (byte)i).ToArray();
        var frame = new byte[ServerFrame.Length(payloadLength)];

        Assert.Equal(frame.Length, ServerFrame.Write(frame, ServerFrame.Text, payload));

        Assert.Equal(headerLength + payloadLength, frame.Length);
        Assert.Equal(payload, Assert.Single(ReceivedFrame.ReadAll(frame)).Payload);
    }

    [Fact]
    public void A_text_frame_is_as_in_the_rfc()
    {
        var frame = new byte[7];

        ServerFrame.Write(frame, ServerFrame.Text, "Hello"u8);

        Assert.Equal([0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], frame);
    }

    [Fact]
    public void A_close_frame_holds_code_and_reason()
    {
        var frame = new byte[ServerFrame.MaxControlLength];

        var length = ServerFrame.WriteClose(frame, CloseReason.SlowConsumer);

        Assert.Equal([0x88, 15, 0x10, 0x05, .. Encoding.UTF8.GetBytes("slow consumer")], frame[..length]);
    }
}
