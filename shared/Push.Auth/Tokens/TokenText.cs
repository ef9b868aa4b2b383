using System.Buffers;
using System.Text;

namespace Push.Auth.Tokens;

/// <summary>
/// The two text forms of a token: the bare JWT, and the JWT wrapped once more in Base64. A JWT's Base64 holds no <c>+</c> or <c>/</c>, so the standard and the
/// URL-safe alphabet give the same text; only the <c>=</c> at its end may be there or not. <see cref="Wrap"/> pads the JWT with spaces to a multiple of three
/// bytes, which leaves none: it is valid Base64 and fits into a URL as it is.
/// </summary>
internal static class TokenText
{
    /// <summary>Longer texts are refused unread. The longest ids, all of characters beyond the basic plane, make a token of 3,116 characters.</summary>
    public const int MaxLength = 4096;

    private const char Padding = ' ';
    private const int Group = 3;

    private static readonly SearchValues<char> WrappedCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    public static string Wrap(string jwt)
    {
        var padded = jwt.PadRight((jwt.Length + Group - 1) / Group * Group, Padding);
        return Convert.ToBase64String(Encoding.ASCII.GetBytes(padded));
    }

    /// <summary>Writes the JWT that <paramref name="text"/> holds, bare or wrapped, into <paramref name="jwt"/>.</summary>
    /// <param name="text">The text as it came; anything.</param>
    /// <param name="jwt">At least as many bytes as the text has characters.</param>
    /// <param name="length">The length of the JWT in bytes.</param>
    /// <returns>False where the text is neither form, or not a canonical Base64 (RFC 4648, section 3.5) of the JWT in it.</returns>
    public static bool TryUnwrap(ReadOnlySpan<char> text, Span<byte> jwt, out int length)
    {
        if (text.Contains('.'))
        {
            return Ascii.FromUtf16(text, jwt, out length) == OperationStatus.Done;
        }

        length = 0;
        var unpadded = text.TrimEnd('=');
        var rest = unpadded.Length % 4;
        var equals = text.Length - unpadded.Length;
        if (rest == 1 || (equals > 0 && rest + equals != 4) || unpadded.ContainsAnyExcept(WrappedCharacters))
        {
            return false;
        }

        Span<char> padded = stackalloc char[unpadded.Length + 3];
        unpadded.CopyTo(padded);
        padded[unpadded.Length..].Fill('=');
        padded = padded[..((unpadded.Length + 3) / 4 * 4)];
        if (!Convert.TryFromBase64Chars(padded, jwt, out var decoded))
        {
            return false;
        }

        length = jwt[..decoded].TrimEnd((byte)Padding).Length;
        if (rest == 0)
        {
            // Whole groups of characters that stand for six bits each have one encoding: only the spaces could differ.
            return decoded - length < Group;
        }

        // The last character has bits to spare. Encoded anew they are zero, so of the texts that a lenient decoder takes for one token a single one is left.
        Span<char> last = stackalloc char[4];
        return length == decoded && Convert.TryToBase64Chars(jwt[(decoded / Group * Group)..decoded], last, out _) && last.SequenceEqual(padded[^4..]);
    }
}
