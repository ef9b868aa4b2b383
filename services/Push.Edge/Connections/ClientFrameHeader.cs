using System.Buffers;
using System.Buffers.Binary;

namespace Push.Edge.Connections;

/// <summary>The start of a frame (RFC 6455, section 5.2), from its first two bytes to the masking key.</summary>
internal readonly struct ClientFrameHeader
{
    public const byte Continuation = 0x0;
    public const byte Text = 0x1;
    public const byte Close = 0x8;
    public const byte Ping = 0x9;
    public const byte Pong = 0xA;

    /// <summary>Payloads of control frames are not longer.</summary>
    public const int MaxControlPayload = 125;

    private const int MaxLength = 14;
    private const byte Final = 0x80;
    private const byte Compressed = 0x40;
    private const byte Reserved = 0x70;
    private const byte Masked = 0x80;

    private readonly byte _first;
    private readonly byte _second;

    private ClientFrameHeader(ReadOnlySpan<byte> bytes)
    {
        _first = bytes[0];
        _second = bytes[1];
        var extension = (_second & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 };
        Length = 2 + extension + sizeof(uint);
        HasPayloadLength = bytes.Length >= 2 + extension;
        IsComplete = bytes.Length >= Length;
        PayloadLength = !HasPayloadLength ? 0 : extension switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            8 => BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]),
            _ => (ulong)(_second & 0x7F),
        };
        IsShortestForm = !HasPayloadLength || extension switch
        {
            2 => PayloadLength > MaxControlPayload,
            8 => PayloadLength is > ushort.MaxValue and <= long.MaxValue,
            _ => true,
        };
        Mask = IsComplete ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[(2 + extension)..]) : 0;
    }

    public byte Opcode => (byte)(_first & 0xF);

    public bool IsFinal => (_first & Final) != 0;

    public bool IsControl => Opcode >= Close;

    /// <summary>The first frame of a message that is compressed (RFC 7692, section 6).</summary>
    public bool IsCompressed => (_first & Compressed) != 0;

    /// <summary>The whole header is there.</summary>
    public bool IsComplete { get; }

    /// <summary>Enough of the header is there for <see cref="PayloadLength"/>.</summary>
    public bool HasPayloadLength { get; }

    public ulong PayloadLength { get; }

    /// <summary>Of the header, in bytes, with the masking key.</summary>
    public int Length { get; }

    /// <summary>The masking key, its first byte lowest.</summary>
    public uint Mask { get; }

    private bool IsShortestForm { get; }

    /// <summary>Masked, no reserved bit or opcode, control frames whole and short, lengths in their shortest form.</summary>
    /// <param name="mayCompress">Whether compression has been negotiated: one of the reserved bits then has its meaning where a message starts.</param>
    public bool IsWellFormed(bool mayCompress) =>
        (_first & Reserved & ~(mayCompress && !IsControl && Opcode != Continuation ? Compressed : 0)) == 0
        && (_second & Masked) != 0
        && IsShortestForm
        && (IsControl ? Opcode <= Pong && IsFinal && (_second & 0x7F) <= MaxControlPayload : Opcode <= Text + 1);

    /// <summary>False until the two bytes are there that say what the frame is.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> buffer, out ClientFrameHeader header)
    {
        if (buffer.FirstSpan.Length >= MaxLength)
        {
            header = new ClientFrameHeader(buffer.FirstSpan[..MaxLength]);
            return true;
        }

        Span<byte> bytes = stackalloc byte[MaxLength];
        var length = (int)Math.Min(buffer.Length, MaxLength);
        if (length < 2)
        {
            header = default;
            return false;
        }

        buffer.Slice(0, length).CopyTo(bytes);
        header = new ClientFrameHeader(bytes[..length]);
        return true;
    }
}
