using System.Buffers;
using System.IO.Compression;
using Push.Contracts;

namespace Push.Edge.Connections;

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
