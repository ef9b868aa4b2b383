using Push.LoadTest.Wire;

namespace Push.LoadTest.Subscribing;

/// <summary>A message is a text or binary frame: Push's plain mode, nchan, most WebSocket servers.</summary>
internal sealed class PlainProtocol : IWireProtocol
{
    public byte[] Greeting(SubscriberConnection connection) => [];

    public int Read(SubscriberConnection connection, Span<byte> bytes, Deliveries deliveries)
    {
        var rest = bytes;
        while (ServerFrame.TryRead(rest, out var frame) && rest.Length - frame.HeadBytes >= frame.PayloadBytes)
        {
            var payload = rest.Slice(frame.HeadBytes, (int)frame.PayloadBytes);
            if (frame.First is ServerFrame.Text or ServerFrame.Binary)
            {
                deliveries.Message(connection, payload);
            }
            else
            {
                deliveries.Control(connection, frame.First, payload);
            }

            rest = rest[(frame.HeadBytes + payload.Length)..];
        }

        return bytes.Length - rest.Length;
    }
}
