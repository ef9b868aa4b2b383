using System.Buffers.Binary;
using System.Text;

namespace Push.TestKit.Clients;

/// <summary>Frames as a client sends them (RFC 6455, section 5.2), and as it must not.</summary>
public static class ClientFrames
{
    public const byte Continuation = 0x0;
    public const byte Text = 0x1;
    public const byte Binary = 0x2;
    public const byte Close = 0x8;
    public const byte Ping = 0x9;
    public const byte Pong = 0xA;

    private const byte Final = 0x80;
    private const byte Masked = 0x80;
    private const byte Length16 = 126;
    private const byte Length64 = 127;

    private static ReadOnlySpan<byte> MaskingKey => [0x37, 0xFA, 0x21, 0x3D];

    /// <summary>A masked frame with its length in the shortest form.</summary>
    public static byte[] Frame(byte opcode, ReadOnlySpan<byte> payload, bool final = true) =>
        [.. Header(opcode, (ulong)payload.Length, final), .. MaskingKey, .. Mask(payload)];

    public static byte[] Frame(byte opcode, string payload, bool final = true) => Frame(opcode, Encoding.UTF8.GetBytes(payload), final);

    /// <summary>Not masked, up to 125 bytes: a protocol error (section 5.1).</summary>
    public static byte[] Unmasked(byte opcode, ReadOnlySpan<byte> payload) => [(byte)(Final | opcode), (byte)payload.Length, .. payload];

    public static byte[] CloseFrame(ushort code, string reason = "")
    {
        Span<byte> payload = stackalloc byte[2 + Encoding.UTF8.GetByteCount(reason)];
        BinaryPrimitives.WriteUInt16BigEndian(payload, code);
        Encoding.UTF8.GetBytes(reason, payload[2..]);
        return Frame(Close, payload);
    }

    /// <summary>The head of a text frame that claims to be this long; nothing of it follows.</summary>
    public static byte[] ClaimOf(long length) => [Final | Text, Masked | Length64, .. BigEndian((ulong)length), .. MaskingKey];

    /// <summary>The first two bytes and the length, without the masking key.</summary>
    public static byte[] Header(byte opcode, ulong length, bool final = true)
    {
        var first = (byte)((final ? Final : 0) | opcode);
        return length switch
        {
            <= 125 => [first, (byte)(Masked | length)],
            <= ushort.MaxValue => [first, Masked | Length16, (byte)(length >> 8), (byte)length],
            _ => [first, Masked | Length64, .. BigEndian(length)],
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
