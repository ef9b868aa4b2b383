using System.Buffers;

namespace Push.Contracts;

/// <summary>Well-formed JSON without the white space between its tokens. The tokens stay as they came: nothing is escaped, unescaped or reordered.</summary>
public static class CompactJson
{
    private static readonly SearchValues<byte> QuoteOrSpace = SearchValues.Create("\" \t\r\n"u8);
    private static readonly SearchValues<byte> QuoteOrBackslash = SearchValues.Create("\"\\"u8);

    /// <summary>Appends <paramref name="json"/> to <paramref name="output"/>.</summary>
    public static void Write(ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        while (NextPiece(ref json, out var piece))
        {
            output.Write(piece);
        }
    }

    /// <summary>How many bytes <see cref="Write"/> appends.</summary>
    public static int Length(ReadOnlySpan<byte> json)
    {
        var length = 0;
        while (NextPiece(ref json, out var piece))
        {
            length += piece.Length;
        }

        return length;
    }

    /// <summary>Takes the text up to the next white space, or up to the end of the next string, off <paramref name="json"/>.</summary>
    private static bool NextPiece(ref ReadOnlySpan<byte> json, out ReadOnlySpan<byte> piece)
    {
        piece = json;
        if (json.IsEmpty)
        {
            return false;
        }

        var at = json.IndexOfAny(QuoteOrSpace);
        var isString = at >= 0 && json[at] == (byte)'"';
        var end = at < 0 ? json.Length : isString ? EndOfString(json, at) : at;
        piece = json[..end];
        json = json[(at < 0 || isString ? end : end + 1)..];
        return true;
    }

    private static int EndOfString(ReadOnlySpan<byte> json, int quote)
    {
        var at = quote + 1;
        while (true)
        {
            at += json[at..].IndexOfAny(QuoteOrBackslash);
            if (json[at] == (byte)'"')
            {
                return at + 1;
            }

            at += 2;
        }
    }
}
