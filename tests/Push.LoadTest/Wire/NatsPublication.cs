using System.Buffers.Text;

namespace Push.LoadTest.Wire;

/// <summary>Publications in NATS' client protocol, as the tool's own servers take them: <c>PUB room length CRLF message CRLF</c>.</summary>
internal static class NatsPublication
{
    /// <summary>Takes the next line or publication off the front; false while it is not complete.</summary>
    /// <param name="bytes">What has come; what is left.</param>
    /// <param name="room">Empty for other lines (<c>CONNECT</c>, <c>PING</c>), which need no answer.</param>
    /// <param name="message">Within what has come.</param>
    public static bool TryTake(ref Memory<byte> bytes, out ReadOnlySpan<byte> room, out ReadOnlyMemory<byte> message)
    {
        room = default;
        message = default;
        var span = bytes.Span;
        var end = span.IndexOf("\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        var line = span[..end];
        if (!line.StartsWith("PUB "u8))
        {
            bytes = bytes[(end + 2)..];
            return true;
        }

        var space = line.LastIndexOf((byte)' ');
        _ = Utf8Parser.TryParse(line[(space + 1)..], out int length, out _);
        if (span.Length < end + 2 + length + 2)
        {
            return false;
        }

        room = line[4..space];
        message = bytes.Slice(end + 2, length);
        bytes = bytes[(end + 2 + length + 2)..];
        return true;
    }
}
