using System.Buffers.Binary;

namespace Push.LoadTest.Wire;

/// <summary>The head of a frame that a server sends: unmasked (RFC 6455, section 5.2).</summary>
/// <param name="First">FIN, reserved bits and opcode.</param>
/// <param name="HeadBytes">Length of the head itself.</param>
/// <param name="PayloadBytes">Length of what follows it.</param>
internal readonly record struct ServerFrame(byte First, int HeadBytes, long PayloadBytes)
{
    public const int MaxHeadBytes = 10;

    public const byte Text = 0x81;
    public const byte Binary = 0x82;
    public const byte Close = 0x88;
    public const byte Ping = 0x89;
    public const byte Pong = 0x8A;

    /// <summary>False while the head is not complete.</summary>
    /// <exception cref="InvalidDataException">The frame is masked: no server's.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ServerFrame frame)
    {
        frame = default;
        if (bytes.Length < 2)
        {
            return false;
        }

        switch (bytes[1])
        {
            case < 126:
                frame = new ServerFrame(bytes[0], 2, bytes[1]);
                return true;
            case 126 when bytes.Length >= 4:
                frame = new ServerFrame(bytes[0], 4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]));
                return true;
            case 127 when bytes.Length >= 10:
                frame = new ServerFrame(bytes[0], 10, BinaryPrimitives.ReadInt64BigEndian(bytes[2..]));
                return true;
            case 126 or 127:
                return false;
            default:
                throw new InvalidDataException("the server sent a masked frame");
        }
    }
}
