using System.Buffers.Binary;
using System.Text;
using Push.Contracts;

namespace Push.Edge.Transports.WebSockets;

/// <summary>Frames to clients (RFC 6455, section 5.2): unmasked, never fragmented.</summary>
internal static class ServerFrame
{
    public const byte Text = 0x1;
    public const byte Close = 0x8;

    /// <summary>The payload of a control frame (RFC 6455, section 5.5).</summary>
    public const int MaxControlPayload = 125;

    public const int MaxControlLength = 2 + MaxControlPayload;

    private const byte Final = 0x80;

    /// <summary>Bytes of a whole frame.</summary>
    public static int Length(int payloadLength) => payloadLength + payloadLength switch
    {
        <= 125 => 2,
        <= ushort.MaxValue => 4,
        _ => 10,
    };

    /// <summary>Writes a whole frame; returns its length.</summary>
    public static int Write(Span<byte> destination, byte opcode, ReadOnlySpan<byte> payload)
    {
        destination[0] = (byte)(Final | opcode);
        var header = Length(payload.Length) - payload.Length;
        switch (header)
        {
            case 2:
                destination[1] = (byte)payload.Length;
                break;
            case 4:
                destination[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)payload.Length);
                break;
            default:
                destination[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(destination[2..], (ulong)payload.Length);
                break;
        }

        payload.CopyTo(destination[header..]);
        return header + payload.Length;
    }

    /// <summary>Writes a close frame (RFC 6455, section 5.5.1) into at least <see cref="MaxControlLength"/> bytes; returns its length.</summary>
    public static int WriteClose(Span<byte> destination, CloseReason reason)
    {
        Span<byte> payload = stackalloc byte[MaxControlPayload];
        BinaryPrimitives.WriteUInt16BigEndian(payload, reason.Code);
        var length = 2 + Encoding.UTF8.GetBytes(reason.Text, payload[2..]);
        return Write(destination, Close, payload[..length]);
    }
}
