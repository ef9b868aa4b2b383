using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Push.Edge.Connections;

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
