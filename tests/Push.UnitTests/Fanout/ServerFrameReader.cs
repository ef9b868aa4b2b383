using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Xunit;

namespace Push.UnitTests.Fanout;

/// <summary>Reads what a client receives, and insists on whole, final, unmasked frames.</summary>
internal static class ServerFrameReader
{
    /// <summary>Marks a compressed message (RFC 7692, section 6).</summary>
    public const int Compressed = 0x40;

    public static List<(int Opcode, byte[] Payload)> Read(ReadOnlySpan<byte> bytes) => Read(bytes, mayCompress: false);

    /// <summary>As a person would write it down: texts as they are, <c>close 4101</c>, <c>ping</c>, <c>pong</c>.</summary>
    public static List<string> Describe(ReadOnlySpan<byte> bytes) => [.. Read(bytes).Select(frame => frame.Opcode switch
    {
        0x1 => Encoding.UTF8.GetString(frame.Payload),
        0x8 => $"close {BinaryPrimitives.ReadUInt16BigEndian(frame.Payload)}",
        0x9 => "ping",
        0xA => "pong",
        var opcode => $"opcode {opcode}",
    })];

    /// <summary>The texts that a client with permessage-deflate receives, and how each came.</summary>
    public static List<(string Text, bool IsCompressed)> ReadTexts(ReadOnlySpan<byte> bytes) => [.. ReadCompressed(bytes).Select(frame =>
    {
        Assert.Equal(0x1, frame.Opcode & 0xF);
        var isCompressed = (frame.Opcode & Compressed) != 0;
        return (Encoding.UTF8.GetString(isCompressed ? Inflate(frame.Payload) : frame.Payload), isCompressed);
    })];

    /// <summary>As RFC 7692, section 7.2.2, tells a receiver to do.</summary>
    public static byte[] Inflate(byte[] payload)
    {
        using var inflated = new DeflateStream(new MemoryStream([.. payload, 0x00, 0x00, 0xFF, 0xFF]), CompressionMode.Decompress);
        using var text = new MemoryStream();
        inflated.CopyTo(text);
        return text.ToArray();
    }

    /// <summary>Frames whose opcodes hold <see cref="Compressed"/> where they are.</summary>
    public static List<(int Opcode, byte[] Payload)> ReadCompressed(ReadOnlySpan<byte> bytes) => Read(bytes, mayCompress: true);

    private static List<(int Opcode, byte[] Payload)> Read(ReadOnlySpan<byte> bytes, bool mayCompress)
    {
        var frames = new List<(int, byte[])>();
        while (!bytes.IsEmpty)
        {
            Assert.Equal(0x80, bytes[0] & (0xF0 ^ (mayCompress ? Compressed : 0)));
            var (header, length) = bytes[1] switch
            {
                126 => (4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])),
                127 => (10, checked((int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]))),
                var b => (2, b),
            };
            frames.Add((bytes[0] & 0x7F, bytes.Slice(header, length).ToArray()));
            bytes = bytes[(header + length)..];
        }

        return frames;
    }
}
