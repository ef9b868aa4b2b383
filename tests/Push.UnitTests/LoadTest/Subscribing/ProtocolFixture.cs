using Push.LoadTest.Subscribing;
using Push.LoadTest.Wire;

namespace Push.UnitTests.LoadTest.Subscribing;

/// <summary>Feeds a protocol as sockets do: in pieces that end anywhere.</summary>
internal sealed class ProtocolFixture(IWireProtocol protocol)
{
    private readonly byte[] _buffer = new byte[64 * 1024];

    public Deliveries Deliveries { get; } = new(new DeliveryLedger(connections: 1, lanes: 1), feedback: null);

    public SubscriberConnection Connection { get; } = new(index: 0, room: 7, roomName: "room-7", stalling: false);

    /// <summary>A stamped message of the connection's room.</summary>
    public static byte[] Message(int sequence, int room = 7, int length = 100)
    {
        var message = new byte[length];
        message.AsSpan().Fill((byte)'.');
        new Stamp(room, Lane: 0, sequence, Measured: true, Time: 0).Write(message);
        return message;
    }

    public static byte[] Frame(byte first, ReadOnlySpan<byte> payload) => payload.Length < 126
        ? [first, (byte)payload.Length, .. payload]
        : [first, 126, (byte)(payload.Length >> 8), (byte)payload.Length, .. payload];

    /// <summary>All of <paramref name="bytes"/>, cut into pieces of <paramref name="piece"/>.</summary>
    public void Receive(ReadOnlySpan<byte> bytes, int piece)
    {
        while (!bytes.IsEmpty)
        {
            var next = bytes[..Math.Min(piece, bytes.Length)];
            var kept = Connection.TakeRest(_buffer);
            next.CopyTo(_buffer.AsSpan(kept));
            var all = _buffer.AsSpan(0, kept + next.Length);
            Connection.KeepRest(all[protocol.Read(Connection, all, Deliveries)..]);
            bytes = bytes[next.Length..];
        }
    }
}
