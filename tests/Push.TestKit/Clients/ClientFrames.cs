using System.Buffers.Binary;

namespace Push.TestKit.Clients;

/// <summary>Frames as a client sends them (RFC 6455, section 5.2), and as it must not.</summary>
public static class ClientFrames
{
    private const byte Final = 0x80;
    private const byte Text = 0x1;
    private const byte Masked = 0x80;
    private const byte Length64 = 127;

    private static readonly byte[] Mask = [0x37, 0xFA, 0x21, 0x3D];

    /// <summary>A proper text frame, of up to 125 bytes.</summary>
    public static byte[] TextOf(ReadOnlySpan<byte> payload)
    {
        byte[] frame = [Final | Text, (byte)(Masked | payload.Length), .. Mask, .. payload];
        for (var i = 0; i < payload.Length; i++)
        {
            frame[2 + Mask.Length + i] ^= Mask[i % Mask.Length];
        }

        return frame;
    }

    /// <summary>Not masked: a protocol error (section 5.1).</summary>
    public static byte[] UnmaskedTextOf(ReadOnlySpan<byte> payload) => [Final | Text, (byte)payload.Length, .. payload];

    /// <summary>The head of a frame that claims to be this long; nothing of it follows.</summary>
    public static byte[] ClaimOf(long length)
    {
        byte[] frame = [Final | Text, Masked | Length64, .. new byte[sizeof(long)], .. Mask];
        BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(2), length);
        return frame;
    }
}
