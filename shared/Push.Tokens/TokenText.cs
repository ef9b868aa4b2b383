using System.Buffers;
using System.Text;

namespace Push.Tokens;

/// <summary>
/// The two text forms of a token: the bare JWT, and the JWT wrapped once more in Base64. Padded with spaces to a multiple of
/// three bytes, a JWT's Base64 holds no <c>+</c>, <c>/</c> or <c>=</c>: it is valid Base64 and fits into a URL as it is.
/// </summary>
internal static class TokenText
{
    /// <summary>Longer texts are refused unread. Two ids of 128 characters, four bytes each, make a token of less than half of it.</summary>
    public const int MaxLength = 4096;

    private const char Padding = ' ';
    private const int Group = 3;

    public static string Wrap(string jwt)
    {
        var padded = jwt.PadRight((jwt.Length + Group - 1) / Group * Group, Padding);
        return Convert.ToBase64String(Encoding.ASCII.GetBytes(padded));
    }

    /// <summary>Writes the JWT that <paramref name="text"/> holds, bare or wrapped, into <paramref name="jwt"/>.</summary>
    /// <param name="text">The text as it came; anything.</param>
    /// <param name="jwt">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="length">The length of the JWT in bytes.</param>
    /// <returns>False where the text is neither form, or is not what <see cref="Wrap"/> gives for the JWT in it.</returns>
    public static bool TryUnwrap(ReadOnlySpan<char> text, Span<byte> jwt, out int length)
    {
        length = 0;
        if (text.Length is 0 or > MaxLength || !Ascii.IsValid(text))
        {
            return false;
        }

        if (text.Contains('.'))
        {
            return Ascii.FromUtf16(text, jwt, out length) == OperationStatus.Done;
        }

        if (!Convert.TryFromBase64Chars(text, jwt, out var decoded))
        {
            return false;
        }

        length = jwt[..decoded].TrimEnd((byte)Padding).Length;
        return decoded - length < Group && IsWrapped(jwt[..decoded], text);
    }

    /// <summary>Decoding skips white space and tolerates padding: only the text that encoding gives stands for the token.</summary>
    private static bool IsWrapped(ReadOnlySpan<byte> padded, ReadOnlySpan<char> text)
    {
        Span<char> again = stackalloc char[MaxLength];
        return padded.Length % Group == 0
            && Convert.TryToBase64Chars(padded, again, out var written)
            && text.SequenceEqual(again[..written]);
    }
}
