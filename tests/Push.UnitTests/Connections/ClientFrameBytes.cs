using System.Buffers.Binary;
using System.Text;

namespace Push.UnitTests.Connections;

/// <summary>Writes frames as a client does, well-formed or not.</summary>
internal static class ClientFrameBytes
{
    public const byte Continuation = 0x0;
    public const byte Text = 0x1;
    public const byte Binary = 0x2;
    public const byte Close = 0x8;
    public const byte Ping = 0x9;
    public const byte Pong = 0xA;

    private static ReadOnlySpan<byte> MaskingKey => [0x37, 0xFA, 0x21, 0x3D];

    /// <summary>A masked frame with its length in the shortest form.</summary>
    public static byte[] Frame(byte opcode, ReadOnlySpan<byte> payload, bool final = true) =>
        [.. Header(opcode, (ulong)payload.Length, final), .. MaskingKey, .. Mask(payload)];

    public static byte[] Frame(byte opcode, string payload, bool final = true) => Frame(opcode, Encoding.UTF8.GetBytes(payload), final);

    public static byte[] Unmasked(byte opcode, ReadOnlySpan<byte> payload) => [(byte)(0x80 | opcode), (byte)payload.Length, .. payload];

    public static byte[] CloseFrame(ushort code, string reason = "")
    {
        Span<byte> payload = stackalloc byte[2 + Encoding.UTF8.GetByteCount(reason)];
        BinaryPrimitives.WriteUInt16BigEndian(payload, code);
        Encoding.UTF8.GetBytes(reason, payload[2..]);
        return Frame(Close, payload);
    }

    /// <summary>The first two bytes and the length, without the masking key.</summary>
    public static byte[] Header(byte opcode, ulong length, bool final = true)
    {
        var first = (byte)((final ? 0x80 : 0) | opcode);
        return length switch
        {
            <= 125 => [first, (byte)(0x80 | length)],
            <= ushort.MaxValue => [first, 0x80 | 126, (byte)(length >> 8), (byte)length],
            _ => [first, 0x80 | 127, .. BigEndian(length)],
        };
    }

    public static byte[] BigEndian(ulong value)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Mask(ReadOnlySpan<byte> payload)
    {
        var masked = payload.ToArray();
        for (var i = 0; i < masked.Length; i++)
        {
            masked[i] ^= MaskingKey[i % 4];
        }

        return masked;
    }
}
