using System.Text;
using Push.LoadTest.Wire;

namespace Push.LoadTest.Subscribing;

/// <summary>NATS' client protocol as a stream of bytes inside binary frames; a message may begin in one and end in the next.</summary>
internal sealed class NatsProtocol : IWireProtocol
{
    private static readonly byte[] PongLine = Frame("PONG\r\n");

    public byte[] Greeting(SubscriberConnection connection) =>
        // The answer to PING comes after SUB has taken effect.
        Frame($"CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\nSUB {connection.RoomName} 1\r\nPING\r\n");

    public int Read(SubscriberConnection connection, Span<byte> bytes, Deliveries deliveries)
    {
        var rest = bytes;
        while (!rest.IsEmpty)
        {
            if (connection.FrameRemaining == 0)
            {
                if (!ServerFrame.TryRead(rest, out var frame))
                {
                    break;
                }

                if (frame.First is ServerFrame.Close or ServerFrame.Ping or ServerFrame.Pong)
                {
                    if (rest.Length - frame.HeadBytes < frame.PayloadBytes)
                    {
                        break;
                    }

                    deliveries.Control(connection, frame.First, rest.Slice(frame.HeadBytes, (int)frame.PayloadBytes));
                    rest = rest[(frame.HeadBytes + (int)frame.PayloadBytes)..];
                    continue;
                }

                connection.FrameRemaining = frame.PayloadBytes;
                rest = rest[frame.HeadBytes..];
            }

            var piece = rest[..(int)Math.Min(rest.Length, connection.FrameRemaining)];
            connection.FrameRemaining -= piece.Length;
            rest = rest[piece.Length..];
            ReadPiece(connection, piece, deliveries);
        }

        return bytes.Length - rest.Length;
    }

    private static void ReadPiece(SubscriberConnection connection, Span<byte> piece, Deliveries deliveries)
    {
        if (connection.Partial.Length > 0)
        {
            byte[] joined = [.. connection.Partial, .. piece];
            connection.Partial = [];
            piece = joined;
        }

        var done = 0;
        while (TryReadLine(piece[done..], out var line, out var length))
        {
            if (line[0] == 'M')
            {
                var size = MessageLength(line);
                if (piece.Length - done < length + size + 2)
                {
                    break;
                }

                deliveries.Message(connection, piece.Slice(done + length, size));
                length += size + 2;
            }
            else if (line.StartsWith("PING"u8))
            {
                _ = connection.Socket.Send(PongLine);
            }
            else if (line.StartsWith("PONG"u8))
            {
                connection.State = SubscriberState.Joined;
            }
            else if (line.StartsWith("-ERR"u8))
            {
                throw new InvalidDataException(Encoding.ASCII.GetString(line));
            }

            done += length;
        }

        if (done < piece.Length)
        {
            connection.Partial = piece[done..].ToArray();
        }
    }

    private static bool TryReadLine(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> line, out int length)
    {
        var end = bytes.IndexOf("\r\n"u8);
        line = end > 0 ? bytes[..end] : default;
        length = end + 2;
        return end > 0;
    }

    // MSG subject sid length
    private static int MessageLength(ReadOnlySpan<byte> line)
    {
        var length = 0;
        foreach (var digit in line[(line.LastIndexOf((byte)' ') + 1)..])
        {
            length = (length * 10) + (digit - '0');
        }

        return length;
    }

    private static byte[] Frame(string text)
    {
        var payload = Encoding.ASCII.GetBytes(text);
        var frame = new byte[payload.Length + 8];
        return frame[..ClientFrame.Write(ServerFrame.Binary, payload, frame)];
    }
}
