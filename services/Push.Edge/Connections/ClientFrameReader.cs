using System.Buffers;
using System.Buffers.Binary;
using System.Text.Unicode;
using Push.Contracts;

namespace Push.Edge.Connections;

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
