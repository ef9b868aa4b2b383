using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Unicode;
using Push.Contracts;

namespace Push.Edge.Transports.WebSockets;

/// <summary>
/// Reads a client's frames (RFC 6455, section 5) and says which of them need an answer. Waits for a frame to be whole, which the
/// bound on its length makes safe, so that only what spans frames is kept: a few bytes a connection, and a compressed message
/// while its frames come. Allocates nothing where nothing is compressed.
/// </summary>
internal struct ClientFrameReader(int maxMessageBytes, bool mayCompress = false)
{
    private readonly int _maxMessageBytes = maxMessageBytes;
    private readonly bool _mayCompress = mayCompress;
    private CompressedMessage? _compressed;
    private ClientFrameText _text;
    private int _messageLength;
    private bool _isInMessage;
    private bool _isText;

    /// <summary>Takes the next frame off <paramref name="buffer"/>.</summary>
    /// <param name="buffer">What has been received; starts after the frame when this returns, unless it is incomplete.</param>
    /// <param name="controlPayload">Receives the payload of a control frame: 125 bytes.</param>
    public ClientFrame Read(ref ReadOnlySequence<byte> buffer, Span<byte> controlPayload)
    {
        if (!ClientFrameHeader.TryRead(buffer, out var header))
        {
            return default;
        }

        // Judged by as little of the header as can be: a violation is answered even when no further byte comes.
        if (!header.IsWellFormed(_mayCompress) || (!header.IsControl && (header.Opcode == ClientFrameHeader.Continuation) != _isInMessage))
        {
            return ClientFrame.Violation(CloseReason.ProtocolError);
        }

        var alreadyReceived = header.IsControl ? 0 : _messageLength;
        if (header.PayloadLength + (ulong)alreadyReceived > (ulong)_maxMessageBytes)
        {
            return ClientFrame.Violation(CloseReason.TooBig);
        }

        if (!header.IsComplete || buffer.Length < header.Length + (int)header.PayloadLength)
        {
            return default;
        }

        var payload = buffer.Slice(header.Length, (int)header.PayloadLength);
        buffer = buffer.Slice(payload.End);
        return header.IsControl ? ReadControl(header, payload, controlPayload) : ReadData(header, payload);
    }

    private static ClientFrame ReadControl(in ClientFrameHeader header, in ReadOnlySequence<byte> payload, Span<byte> into)
    {
        var length = (int)payload.Length;
        payload.CopyTo(into);
        ClientFrameMask.Apply(into[..length], header.Mask, position: 0);
        return header.Opcode switch
        {
            ClientFrameHeader.Ping => new ClientFrame(ClientFrameKind.Ping, length),
            ClientFrameHeader.Pong => new ClientFrame(ClientFrameKind.Pong, length),
            _ => ReadClose(into[..length]),
        };
    }

    /// <summary>A client's close is answered with its own code (section 5.5.1).</summary>
    private static ClientFrame ReadClose(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            return new ClientFrame(ClientFrameKind.Close, Answer: CloseReason.Normal);
        }

        // Section 7.4: these codes may stand in a frame; the others are reserved, or only name an end without one.
        if (payload.Length == 1 || BinaryPrimitives.ReadUInt16BigEndian(payload) is not ((>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999)))
        {
            return ClientFrame.Violation(CloseReason.ProtocolError);
        }

        var code = BinaryPrimitives.ReadUInt16BigEndian(payload);
        return Utf8.IsValid(payload[sizeof(ushort)..])
            ? new ClientFrame(ClientFrameKind.Close, Answer: code == CloseReason.Normal.Code ? CloseReason.Normal : new CloseReason(code, ""))
            : ClientFrame.Violation(CloseReason.InvalidUtf8);
    }

    private ClientFrame ReadData(in ClientFrameHeader header, in ReadOnlySequence<byte> payload)
    {
        if (!_isInMessage)
        {
            _isText = header.Opcode == ClientFrameHeader.Text;
            _compressed = header.IsCompressed ? new CompressedMessage(_isText, _maxMessageBytes) : null;
        }

        var fault = _compressed is not null ? ReadCompressed(header, payload) : _isText ? ReadText(header, payload) : null;
        if (fault is not null)
        {
            return ClientFrame.Violation(fault);
        }

        _isInMessage = !header.IsFinal;
        _messageLength = header.IsFinal ? 0 : _messageLength + (int)payload.Length;
        return new ClientFrame(ClientFrameKind.Data);
    }

    private CloseReason? ReadCompressed(in ClientFrameHeader header, in ReadOnlySequence<byte> payload)
    {
        _compressed!.Append(payload, header.Mask);
        if (!header.IsFinal)
        {
            return null;
        }

        var fault = _compressed.Complete();
        _compressed = null;
        return fault;
    }

    private CloseReason? ReadText(in ClientFrameHeader header, in ReadOnlySequence<byte> payload) =>
        TryAppendText(payload, header.Mask) && (!header.IsFinal || _text.IsComplete) ? null : CloseReason.InvalidUtf8;

    private bool TryAppendText(in ReadOnlySequence<byte> payload, uint mask)
    {
        Span<byte> plain = stackalloc byte[256];
        var position = 0;
        foreach (var segment in payload)
        {
            for (var rest = segment.Span; !rest.IsEmpty;)
            {
                var piece = plain[..Math.Min(rest.Length, plain.Length)];
                rest[..piece.Length].CopyTo(piece);
                ClientFrameMask.Apply(piece, mask, position);
                if (!_text.TryAppend(piece))
                {
                    return false;
                }

                position += piece.Length;
                rest = rest[piece.Length..];
            }
        }

        return true;
    }
}

/// <summary>One step of reading a client's frames.</summary>
/// <param name="Kind">What was found.</param>
/// <param name="PayloadLength">Of a control frame: the bytes of the caller's buffer that hold its payload.</param>
/// <param name="Answer">Of a close or a violation: how to answer it.</param>
internal readonly record struct ClientFrame(ClientFrameKind Kind, int PayloadLength = 0, CloseReason? Answer = null)
{
    public static ClientFrame Violation(CloseReason answer) => new(ClientFrameKind.Violation, Answer: answer);
}

/// <summary>What <see cref="ClientFrameReader"/> found.</summary>
internal enum ClientFrameKind
{
    /// <summary>The rest of the frame is still on its way.</summary>
    Incomplete,

    /// <summary>A data frame: in plain mode nothing that a client says matters, but it must be well-formed.</summary>
    Data,

    Ping,

    Pong,

    Close,

    /// <summary>The client has broken the protocol; nothing after it can be read.</summary>
    Violation,
}

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

    public const int MaxLength = 14;
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

/// <summary>The masking of a client's payload (RFC 6455, section 5.3).</summary>
internal static class ClientFrameMask
{
    /// <param name="bytes">Masked or unmasked in place.</param>
    /// <param name="mask">The masking key, its first byte lowest.</param>
    /// <param name="position">Where in the payload the bytes start.</param>
    public static void Apply(Span<byte> bytes, uint mask, int position)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= (byte)(mask >> (8 * ((position + i) & 3)));
        }
    }
}

/// <summary>Checks that text which comes in pieces is UTF-8: a character may be split between two of them.</summary>
internal struct ClientFrameText
{
    private const int MaxSequence = 4;

    // The bytes of a character whose rest is in the next piece, first one lowest.
    private uint _pending;
    private byte _pendingLength;

    /// <summary>No character is left unfinished.</summary>
    public readonly bool IsComplete => _pendingLength == 0;

    /// <summary>False as soon as nothing that follows could make it valid.</summary>
    public bool TryAppend(ReadOnlySpan<byte> piece)
    {
        if (_pendingLength > 0 && !TryFinishPending(ref piece))
        {
            return false;
        }

        if (Utf8.IsValid(piece))
        {
            return true;
        }

        for (var length = 1; length < MaxSequence && length <= piece.Length; length++)
        {
            var tail = piece[^length..];
            if (Rune.DecodeFromUtf8(tail, out _, out _) == OperationStatus.NeedMoreData)
            {
                Keep(tail);
                return Utf8.IsValid(piece[..^length]);
            }
        }

        return false;
    }

    private bool TryFinishPending(ref ReadOnlySpan<byte> piece)
    {
        Span<byte> sequence = stackalloc byte[MaxSequence];
        var length = 0;
        for (; length < _pendingLength; length++)
        {
            sequence[length] = (byte)(_pending >> (8 * length));
        }

        while (!piece.IsEmpty)
        {
            sequence[length++] = piece[0];
            piece = piece[1..];
            switch (Rune.DecodeFromUtf8(sequence[..length], out _, out _))
            {
                case OperationStatus.Done:
                    _pendingLength = 0;
                    return true;
                case OperationStatus.InvalidData:
                    return false;
            }
        }

        Keep(sequence[..length]);
        return true;
    }

    private void Keep(ReadOnlySpan<byte> sequence)
    {
        _pending = 0;
        _pendingLength = (byte)sequence.Length;
        for (var i = 0; i < sequence.Length; i++)
        {
            _pending |= (uint)sequence[i] << (8 * i);
        }
    }
}

/// <summary>
/// A client's compressed message (RFC 7692, section 7.2.2). Exists from its first frame to its last. Nothing of the text is kept: it is inflated
/// a piece at a time to be checked, up to a bound, so that few bytes that stand for many are no threat.
/// </summary>
/// <param name="isText">Else anything will do.</param>
/// <param name="maxBytes">Of the message, compressed and not. The caller bounds what is appended.</param>
internal sealed class CompressedMessage(bool isText, int maxBytes)
{
    private byte[] _bytes = [];
    private int _length;

    /// <summary>What senders leave out at the end of a message.</summary>
    private static ReadOnlySpan<byte> Tail => [0x00, 0x00, 0xFF, 0xFF];

    /// <summary>Appends a frame's payload.</summary>
    public void Append(in ReadOnlySequence<byte> payload, uint mask)
    {
        var length = (int)payload.Length;
        if (_length + length + Tail.Length > _bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + length + Tail.Length, Math.Min(_length * 2, maxBytes)));
            _bytes.AsSpan(0, _length).CopyTo(larger);
            Free();
            _bytes = larger;
        }

        var target = _bytes.AsSpan(_length, length);
        payload.CopyTo(target);
        ClientFrameMask.Apply(target, mask, position: 0);
        _length += length;
    }

    /// <summary>All of it is there: says what is wrong with it, if anything is.</summary>
    public CloseReason? Complete()
    {
        Tail.CopyTo(_bytes.AsSpan(_length));
        try
        {
            using var inflated = new DeflateStream(new MemoryStream(_bytes, 0, _length + Tail.Length), CompressionMode.Decompress);
            return Check(inflated);
        }
        catch (InvalidDataException)
        {
            return CloseReason.CorruptMessage;
        }
        finally
        {
            Free();
        }
    }

    private CloseReason? Check(DeflateStream inflated)
    {
        Span<byte> piece = stackalloc byte[512];
        var text = new ClientFrameText();
        for (int read, total = 0; (read = inflated.Read(piece)) > 0;)
        {
            total += read;
            if (total > maxBytes)
            {
                return CloseReason.TooBig;
            }

            if (isText && !text.TryAppend(piece[..read]))
            {
                return CloseReason.InvalidUtf8;
            }
        }

        return text.IsComplete ? null : CloseReason.InvalidUtf8;
    }

    private void Free()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }
}
