using System.Buffers.Binary;

namespace Push.LoadTest.Wire;

/// <summary>Writes frames as a client must: masked (RFC 6455, section 5.3). The key is zero, which leaves the payload as it is: masking protects proxies, and there are none.</summary>
internal static class ClientFrame
{
    /// <summary>A close frame with code 1000.</summary>
    public static ReadOnlySpan<byte> NormalClose => [ServerFrame.Close, 0x82, 0, 0, 0, 0, 0x03, 0xE8];

    /// <summary>Writes a whole frame; returns its length. Payloads up to 64 KiB.</summary>
    public static int Write(byte first, ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        destination[0] = first;
        var head = 2;
        if (payload.Length < 126)
        {
            destination[1] = (byte)(0x80 | payload.Length);
        }
        else
        {
            destination[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], checked((ushort)payload.Length));
            head = 4;
        }

        destination.Slice(head, 4).Clear();
        payload.CopyTo(destination[(head + 4)..]);
        return head + 4 + payload.Length;
    }
}
