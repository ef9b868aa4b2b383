using System.Buffers;
using System.Globalization;
using System.Text;

namespace Push.Contracts;

/// <summary>The form in which publishers of this project send a message: what is measured against the limit, and what clients receive.</summary>
public static class MessageJson
{
    /// <summary>
    /// Takes out the white space between tokens, and writes characters for the escapes that JSON does not need. Many serializers escape whatever could be unsafe
    /// somewhere (<c>45\u002B3</c>), at up to six bytes a character on every socket. Nothing else changes.
    /// </summary>
    /// <param name="json">Valid JSON.</param>
    /// <returns>At most as long.</returns>
    public static ReadOnlySpan<byte> Normalize(ReadOnlySpan<byte> json)
    {
        if (CompactJson.Length(json) != json.Length)
        {
            var compact = new ArrayBufferWriter<byte>(json.Length);
            CompactJson.Write(json, compact);
            json = compact.WrittenSpan;
        }

        return json.Contains((byte)'\\') ? Unescape(json) : json;
    }

    private static byte[] Unescape(ReadOnlySpan<byte> json)
    {
        var text = new byte[json.Length];
        var length = 0;
        Span<char> units = stackalloc char[2];
        while (!json.IsEmpty)
        {
            var at = json.IndexOf((byte)'\\');
            var plain = json[..(at < 0 ? json.Length : at)];
            plain.CopyTo(text.AsSpan(length));
            length += plain.Length;
            json = json[plain.Length..];
            if (json.IsEmpty)
            {
                break;
            }

            var escape = json[..EscapeLength(json, units)];
            if (escape.Length == 2 && escape[1] == '/')
            {
                text[length++] = (byte)'/';
            }
            else if (escape.Length == 2 || units[0] is '"' or '\\' || char.IsControl(units[0]) || (escape.Length == 6 && char.IsSurrogate(units[0])))
            {
                escape.CopyTo(text.AsSpan(length));
                length += escape.Length;
            }
            else
            {
                length += Encoding.UTF8.GetBytes(units[..(escape.Length / 6)], text.AsSpan(length));
            }

            json = json[escape.Length..];
        }

        return text[..length];
    }

    /// <summary>2, 6 for a code unit, 12 for two of them that make a pair. The code units are put into <paramref name="units"/>.</summary>
    private static int EscapeLength(ReadOnlySpan<byte> json, Span<char> units)
    {
        if (json[1] != 'u')
        {
            return 2;
        }

        units[0] = CodeUnit(json);
        if (!char.IsHighSurrogate(units[0]) || !json[6..].StartsWith("\\u"u8))
        {
            return 6;
        }

        units[1] = CodeUnit(json[6..]);
        return char.IsLowSurrogate(units[1]) ? 12 : 6;
    }

    private static char CodeUnit(ReadOnlySpan<byte> escape) => (char)ushort.Parse(escape[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
