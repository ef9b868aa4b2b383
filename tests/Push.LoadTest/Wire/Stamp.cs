using System.Buffers.Binary;

namespace Push.LoadTest.Wire;

/// <summary>What a load message carries in its first 32 bytes, as letters that no protocol has to escape: where it belongs, its number, when its turn came.</summary>
/// <param name="Room">The room's number in the plan.</param>
/// <param name="Lane">The lane within the room: one publisher that waits for each of its messages before the next.</param>
/// <param name="Sequence">0, 1, 2, … within the lane.</param>
/// <param name="Measured">False while warming up.</param>
/// <param name="Time">Of <see cref="Native.MonotonicClock"/>.</param>
internal readonly record struct Stamp(int Room, int Lane, int Sequence, bool Measured, long Time)
{
    public const int Length = 32;

    /// <summary>The room of what goes to everybody.</summary>
    public const int Everybody = 0xFFFF;

    public const int MaxLanes = 256;

    // A nibble a letter, 'a' to 'p'. The first two say that this is a stamp.
    private const ulong Letters = 0x6161616161616161;
    private const ulong Magic = (ulong)('k' - 'a') | ((ulong)('l' - 'a') << 4);

    public void Write(Span<byte> destination)
    {
        var place = Magic | ((ulong)(uint)Room << 8) | ((ulong)(uint)Lane << 24);
        var order = (Measured ? 1UL : 0UL) | ((ulong)(uint)Sequence << 4);
        BinaryPrimitives.WriteUInt64LittleEndian(destination, Spread(place));
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], Spread(order));
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], Spread((uint)Time));
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], Spread((ulong)Time >> 32));
    }

    /// <summary>False for a message that is not the generator's.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out Stamp stamp)
    {
        stamp = default;
        if (message.Length < Length)
        {
            return false;
        }

        var place = Gather(BinaryPrimitives.ReadUInt64LittleEndian(message));
        if ((place & 0xFF) != Magic)
        {
            return false;
        }

        var order = Gather(BinaryPrimitives.ReadUInt64LittleEndian(message[8..]));
        var time = Gather(BinaryPrimitives.ReadUInt64LittleEndian(message[16..])) | (Gather(BinaryPrimitives.ReadUInt64LittleEndian(message[24..])) << 32);
        stamp = new Stamp((int)(place >> 8) & 0xFFFF, (int)(place >> 24) & 0xFF, (int)(order >> 4), (order & 1) != 0, (long)time);
        return true;
    }

    // 32 bits to eight letters and back, all at once.
    private static ulong Spread(ulong bits)
    {
        bits &= 0xFFFF_FFFF;
        bits = (bits | (bits << 16)) & 0x0000_FFFF_0000_FFFF;
        bits = (bits | (bits << 8)) & 0x00FF_00FF_00FF_00FF;
        bits = (bits | (bits << 4)) & 0x0F0F_0F0F_0F0F_0F0F;
        return bits + Letters;
    }

    private static ulong Gather(ulong letters)
    {
        var bits = (letters - Letters) & 0x0F0F_0F0F_0F0F_0F0F;
        bits = (bits | (bits >> 4)) & 0x00FF_00FF_00FF_00FF;
        bits = (bits | (bits >> 8)) & 0x0000_FFFF_0000_FFFF;
        return (bits | (bits >> 16)) & 0xFFFF_FFFF;
    }
}
