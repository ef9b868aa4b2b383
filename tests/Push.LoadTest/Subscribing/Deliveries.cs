using System.Buffers.Binary;
using Push.LoadTest.Results;
using Push.LoadTest.Wire;

namespace Push.LoadTest.Subscribing;

/// <summary>Takes what the protocols read: checks each message against the ledger and records how long it took.</summary>
internal sealed class Deliveries(DeliveryLedger ledger, CompletionFeedback? feedback)
{
    private readonly byte[] _pong = new byte[140];

    public DeliveryLedger Ledger => ledger;

    public Latencies Latencies { get; } = new();

    /// <summary>When the bytes at hand were read.</summary>
    public long Now { get; set; }

    /// <summary>When the last message was read.</summary>
    public long LastAt { get; private set; }

    public long Measured { get; private set; }

    public long Misdelivered { get; private set; }

    public long Foreign { get; private set; }

    public long ToStalling { get; private set; }

    public void Message(SubscriberConnection connection, ReadOnlySpan<byte> message)
    {
        if (!Stamp.TryRead(message, out var stamp))
        {
            Foreign++;
        }
        else if (stamp.Room != connection.Room && stamp.Room != Stamp.Everybody)
        {
            Misdelivered++;
        }
        else if (connection.Stalling)
        {
            ToStalling++;
        }
        else if (ledger.Record(connection.Index, stamp.Lane, stamp.Sequence))
        {
            LastAt = Now;
            feedback?.Delivered(stamp.Lane, stamp.Sequence);
            if (stamp.Measured)
            {
                Measured++;
                Latencies.Record(Now - stamp.Time);
            }
        }
    }

    public void Control(SubscriberConnection connection, byte first, ReadOnlySpan<byte> payload)
    {
        if (first == ServerFrame.Ping)
        {
            var length = ClientFrame.Write(ServerFrame.Pong, payload, _pong);
            _ = connection.Socket.Send(_pong.AsSpan(0, length));
        }
        else if (first == ServerFrame.Close)
        {
            connection.CloseCode = payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : 1005;
        }
    }
}
