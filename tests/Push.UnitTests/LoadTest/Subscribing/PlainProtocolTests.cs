using Push.LoadTest.Subscribing;
using Push.LoadTest.Wire;
using Xunit;

namespace Push.UnitTests.LoadTest.Subscribing;

public sealed class PlainProtocolTests
{
    private readonly ProtocolFixture _fixture = new(new PlainProtocol());

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(101)]
    [InlineData(100_000)]
    public void Every_message_is_found_wherever_the_pieces_end(int piece)
    {
        byte[] bytes = [.. Enumerable.Range(0, 20).SelectMany(i => ProtocolFixture.Frame(ServerFrame.Text, ProtocolFixture.Message(i, length: 100 + (i * 10))))];
        _fixture.Receive(bytes, piece);
        Assert.Equal(20, _fixture.Deliveries.Measured);
        Assert.Equal((20, 0, 0), (_fixture.Deliveries.Ledger.Unique, _fixture.Deliveries.Ledger.Missing, _fixture.Deliveries.Ledger.Duplicates));
    }

    [Fact]
    public void A_message_of_another_room_is_misdelivered_and_counts_as_nothing_else()
    {
        _fixture.Receive(ProtocolFixture.Frame(ServerFrame.Text, ProtocolFixture.Message(0, room: 8)), 1000);
        Assert.Equal((1, 0, 0), (_fixture.Deliveries.Misdelivered, _fixture.Deliveries.Measured, _fixture.Deliveries.Foreign));
    }

    [Fact]
    public void A_message_to_everybody_belongs_to_every_room()
    {
        _fixture.Receive(ProtocolFixture.Frame(ServerFrame.Text, ProtocolFixture.Message(0, room: Stamp.Everybody)), 1000);
        Assert.Equal((0, 1), (_fixture.Deliveries.Misdelivered, _fixture.Deliveries.Measured));
    }

    [Fact]
    public void A_message_without_a_stamp_is_foreign()
    {
        _fixture.Receive(ProtocolFixture.Frame(ServerFrame.Text, "goal"u8), 1000);
        Assert.Equal((1, 0), (_fixture.Deliveries.Foreign, _fixture.Deliveries.Measured));
    }

    [Fact]
    public void A_close_frame_leaves_its_code()
    {
        _fixture.Receive(ProtocolFixture.Frame(ServerFrame.Close, [0x10, 0x05, (byte)'s', (byte)'l', (byte)'o', (byte)'w']), 3);
        Assert.Equal(4101, _fixture.Connection.CloseCode);
    }
}
