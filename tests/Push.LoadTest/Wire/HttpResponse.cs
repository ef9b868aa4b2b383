using System.Buffers.Text;
using System.Text;

namespace Push.LoadTest.Wire;

/// <summary>As much of HTTP/1.1 responses as it takes to know that one is complete.</summary>
internal static class HttpResponse
{
    /// <summary>False while the response is not complete.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out int status)
    {
        status = 0;
        var headEnd = bytes.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0)
        {
            return false;
        }

        _ = Utf8Parser.TryParse(bytes["HTTP/1.1 ".Length..], out status, out _);
        var head = bytes[..(headEnd + 2)];
        var body = bytes[(headEnd + 4)..];
        if (TryFind(head, "Content-Length"u8, out var value))
        {
            return Utf8Parser.TryParse(value, out int length, out _) && body.Length >= length;
        }

        // Chunked; trailers are not expected.
        return !TryFind(head, "Transfer-Encoding"u8, out _) || body.EndsWith("\r\n0\r\n\r\n"u8) || body.SequenceEqual("0\r\n\r\n"u8);
    }

    private static bool TryFind(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        while (!head.IsEmpty)
        {
            var end = head.IndexOf("\r\n"u8);
            var line = head[..end];
            head = head[(end + 2)..];
            if (line.Length > name.Length && line[name.Length] == ':' && Ascii.EqualsIgnoreCase(line[..name.Length], name))
            {
                value = line[(name.Length + 1)..].TrimStart((byte)' ');
                return true;
            }
        }

        value = default;
        return false;
    }
}
