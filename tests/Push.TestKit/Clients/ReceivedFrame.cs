using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Push.TestKit.Clients;

/// <summary>A whole frame that a server sent (RFC 6455, section 5.2). Reading insists on final, unmasked ones.</summary>
/// <param name="Opcode">The kind of the frame.</param>
/// <param name="Payload">Its content, still compressed where <paramref name="IsCompressed"/>.</param>
/// <param name="IsCompressed">Its bit RSV1 is set (RFC 7692, section 6).</param>
public sealed record ReceivedFrame(int Opcode, byte[] Payload, bool IsCompressed = false)
{
    private const int Final = 0x80;
    private const int Rsv1 = 0x40;
    private const int Length16 = 126;
    private const int Length64 = 127;

    public bool IsClose => Opcode == ClientFrames.Close;

    public int? CloseCode => IsClose && Payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(Payload) : null;

    public string CloseText => IsClose && Payload.Length > 2 ? Encoding.UTF8.GetString(Payload.AsSpan(2)) : "";

    /// <summary>The payload as UTF-8, inflated where it is compressed.</summary>
    public string Text => Encoding.UTF8.GetString(IsCompressed ? Inflate(Payload) : Payload);

    /// <summary>Opcode and payload, a character for each byte.</summary>
    public (byte Opcode, string Payload) Content => ((byte)Opcode, Encoding.Latin1.GetString(Payload));

    public static async Task<ReceivedFrame> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new byte[2 + sizeof(ulong)];
        await stream.ReadExactlyAsync(head.AsMemory(0, 2), cancellationToken);
        await stream.ReadExactlyAsync(head.AsMemory(2, HeadLength(head) - 2), cancellationToken);
        var payload = new byte[PayloadLength(head)];
        await stream.ReadExactlyAsync(payload, cancellationToken);
        return Create(head[0], payload);
    }

    /// <summary>The frames that these bytes are, none of them in part.</summary>
    public static List<ReceivedFrame> ReadAll(ReadOnlySpan<byte> bytes)
    {
        var frames = new List<ReceivedFrame>();
        while (!bytes.IsEmpty)
        {
            var (head, payload) = (HeadLength(bytes), PayloadLength(bytes));
            frames.Add(Create(bytes[0], bytes.Slice(head, payload).ToArray()));
            bytes = bytes[(head + payload)..];
        }

        return frames;
    }

    /// <summary>As a person would write it down: texts as they are, <c>close 4101</c>, <c>ping</c>, <c>pong</c>.</summary>
    public static List<string> Describe(ReadOnlySpan<byte> bytes) => [.. ReadAll(bytes).Select(frame => frame.Opcode switch
    {
        ClientFrames.Text => frame.IsCompressed ? $"compressed {frame.Text}" : frame.Text,
        ClientFrames.Close => $"close {frame.CloseCode}",
        ClientFrames.Ping => "ping",
        ClientFrames.Pong => "pong",
        var opcode => $"opcode {opcode}",
    })];

    /// <summary>Messages alone, and whether each came compressed.</summary>
    public static List<(string Text, bool IsCompressed)> Messages(ReadOnlySpan<byte> bytes) => [.. ReadAll(bytes).Select(frame =>
        frame.Opcode == ClientFrames.Text ? (frame.Text, frame.IsCompressed) : throw new InvalidDataException($"opcode {frame.Opcode} instead of a text"))];

    /// <summary>As RFC 7692, section 7.2.2, tells a receiver to do.</summary>
    public static byte[] Inflate(byte[] payload)
    {
        using var inflated = new DeflateStream(new MemoryStream([.. payload, 0x00, 0x00, 0xFF, 0xFF]), CompressionMode.Decompress);
        using var text = new MemoryStream();
        inflated.CopyTo(text);
        return text.ToArray();
    }

    private static ReceivedFrame Create(byte first, byte[] payload) => (first & (0xF0 ^ Rsv1)) == Final
        ? new ReceivedFrame(first & 0x0F, payload, (first & Rsv1) != 0)
        : throw new InvalidDataException($"a frame that is not final, or has bits that nothing was agreed for: {first:X2}");

    private static int HeadLength(ReadOnlySpan<byte> head) => head[1] switch
    {
        < Length16 => 2,
        Length16 => 2 + sizeof(ushort),
        Length64 => 2 + sizeof(ulong),
        _ => throw new InvalidDataException("a masked frame"),
    };

    private static int PayloadLength(ReadOnlySpan<byte> head) => head[1] switch
    {
        Length16 => BinaryPrimitives.ReadUInt16BigEndian(head[2..]),
        Length64 => checked((int)BinaryPrimitives.ReadUInt64BigEndian(head[2..])),
        var small => small,
    };
}
