using System.Buffers.Binary;
using System.Text;
using Xunit;

namespace Push.UnitTests.Fanout;

/// <summary>Reads what a client receives, and insists on whole, final, unmasked frames.</summary>
internal static class ServerFrameReader
{
    public static List<(int Opcode, byte[] Payload)> Read(ReadOnlySpan<byte> bytes)
    {
        var frames = new List<(int, byte[])>();
        while (!bytes.IsEmpty)
        {
            Assert.Equal(0x80, bytes[0] & 0xF0);
            var (header, length) = bytes[1] switch
            {
                126 => (4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])),
                127 => (10, checked((int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]))),
                var b => (2, b),
            };
            frames.Add((bytes[0] & 0xF, bytes.Slice(header, length).ToArray()));
            bytes = bytes[(header + length)..];
        }

        return frames;
    }

    /// <summary>As a person would write it down: texts as they are, <c>close 4101</c>, <c>ping</c>, <c>pong</c>.</summary>
    public static List<string> Describe(ReadOnlySpan<byte> bytes) => [.. Read(bytes).Select(frame => frame.Opcode switch
    {
        0x1 => Encoding.UTF8.GetString(frame.Payload),
        0x8 => $"close {BinaryPrimitives.ReadUInt16BigEndian(frame.Payload)}",
        0x9 => "ping",
        0xA => "pong",
        var opcode => $"opcode {opcode}",
    })];
}
