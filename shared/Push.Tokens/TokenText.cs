using System.Buffers;
using System.Text;

namespace Push.Tokens;

/// <summary>
/// The two text forms of a token: the bare JWT, and the JWT wrapped once more in Base64. Padded with spaces to a multiple of
/// three bytes, a JWT's Base64 holds no <c>+</c>, <c>/</c> or <c>=</c>: it is valid Base64 and fits into a URL as it is.
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
    /// <returns>False where the text is neither form, or is not what <see cref="Wrap"/> gives for the JWT in it.</returns>
    public static bool TryUnwrap(ReadOnlySpan<char> text, Span<byte> jwt, out int length)
    {
        if (text.Contains('.'))
        {
            return Ascii.FromUtf16(text, jwt, out length) == OperationStatus.Done;
        }

        length = 0;
        if (text.Length % 4 != 0 || text.ContainsAnyExcept(WrappedCharacters) || !Convert.TryFromBase64Chars(text, jwt, out var decoded))
        {
            return false;
        }

        // Whole groups of characters that stand for six bits each have one encoding: only the padding could differ.
        length = jwt[..decoded].TrimEnd((byte)Padding).Length;
        return decoded - length < Group;
    }
}
