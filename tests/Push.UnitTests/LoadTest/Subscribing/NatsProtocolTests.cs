using System.Text;
using Push.LoadTest.Subscribing;
using Push.LoadTest.Wire;
using Xunit;

namespace Push.UnitTests.LoadTest.Subscribing;

public sealed class NatsProtocolTests
{
    private readonly ProtocolFixture _fixture = new(new NatsProtocol());

    [Theory]
    [InlineData(1, 40)]
    [InlineData(7, 500)]
    [InlineData(100_000, 90)]
    [InlineData(100_000, 4000)]
    public void Every_message_is_found_wherever_pieces_and_frames_end(int piece, int frame)
    {
        byte[] stream = [.. Enumerable.Range(0, 20).SelectMany(i => Operation(ProtocolFixture.Message(i, length: 100 + i)))];
        byte[] bytes = [.. stream.Chunk(frame).SelectMany(chunk => ProtocolFixture.Frame(ServerFrame.Binary, chunk))];
        _fixture.Receive(bytes, piece);
        Assert.Equal(20, _fixture.Deliveries.Measured);
        Assert.Equal((20, 0, 0), (_fixture.Deliveries.Ledger.Unique, _fixture.Deliveries.Ledger.Missing, _fixture.Deliveries.Ledger.Duplicates));
    }

    [Fact]
    public void The_answer_to_its_ping_joins_the_connection()
    {
        _fixture.Connection.State = SubscriberState.Joining;
        _fixture.Receive(ProtocolFixture.Frame(ServerFrame.Binary, "INFO {\"server_id\":\"x\"}\r\n"u8), 1000);
        Assert.Equal(SubscriberState.Joining, _fixture.Connection.State);
        _fixture.Receive(ProtocolFixture.Frame(ServerFrame.Binary, "PONG\r\n"u8), 1000);
        Assert.Equal(SubscriberState.Joined, _fixture.Connection.State);
    }

    [Fact]
    public void An_error_is_not_passed_over() => Assert.Throws<InvalidDataException>(() =>
        _fixture.Receive(ProtocolFixture.Frame(ServerFrame.Binary, "-ERR 'Authorization Violation'\r\n"u8), 1000));

    private static byte[] Operation(byte[] message) =>
        [.. Encoding.ASCII.GetBytes($"MSG room-7 1 {message.Length}\r\n"), .. message, .. "\r\n"u8];
}
