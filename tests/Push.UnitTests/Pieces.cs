using System.Buffers;
using CsCheck;

namespace Push.UnitTests;

/// <summary>Splits bytes as a network may: anywhere, and into several segments of one buffer.</summary>
internal static class Pieces
{
    /// <summary>Lengths of successive pieces; those beyond the bytes' end don't matter.</summary>
    public static Gen<int[]> Lengths { get; } = Gen.OneOf(Gen.Const(1), Gen.Int[1, 4], Gen.Int[1, 200]).Array[1, 400];

    /// <summary>Where the pieces of <paramref name="total"/> bytes end; the last one ends with the bytes.</summary>
    public static IEnumerable<int> Ends(this IEnumerable<int> lengths, int total)
    {
        var end = 0;
        foreach (var length in lengths)
        {
            end += length;
            if (end >= total)
            {
                break;
            }

            yield return end;
        }

        yield return total;
    }

    public static ReadOnlySequence<byte> Segments(ReadOnlyMemory<byte> bytes, params ReadOnlySpan<int> lengths)
    {
        var first = new Segment(ReadOnlyMemory<byte>.Empty, null);
        var last = first;
        foreach (var length in lengths)
        {
            var piece = bytes[..Math.Min(length, bytes.Length)];
            bytes = bytes[piece.Length..];
            last = new Segment(piece, last);
        }

        last = new Segment(bytes, last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is not null)
            {
                previous.Next = this;
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
            }
        }
    }
}
