using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace Push.Edge.Consumers;

/// <summary>Writes a message as plain-mode clients receive it: a string as its text, an object or array as compact JSON.</summary>
internal static class PlainPayload
{
    private static readonly SearchValues<byte> QuoteOrSpace = SearchValues.Create("\" \t\r\n"u8);
    private static readonly SearchValues<byte> QuoteOrBackslash = SearchValues.Create("\"\\"u8);

    /// <summary>Replaces what <paramref name="payload"/> holds. <paramref name="message"/> is well-formed JSON; its tokens stay as they are, spaces between them go.</summary>
    /// <returns>False, with a reason, for a text that no WebSocket text frame may hold.</returns>
    public static bool TryWrite(ReadOnlySpan<byte> message, ArrayBufferWriter<byte> payload, [NotNullWhen(false)] out string? error)
    {
        payload.ResetWrittenCount();
        error = "message holds text that is not valid Unicode";
        if (message[0] != (byte)'"')
        {
            Compact(message, payload);
        }
        else if (message.Contains((byte)'\\'))
        {
            var reader = new Utf8JsonReader(message);
            reader.Read();
            try
            {
                payload.Advance(reader.CopyString(payload.GetSpan(message.Length)));
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }
        else
        {
            payload.Write(message[1..^1]);
        }

        // RFC 6455, section 8.1: a browser fails the connection on a text frame that is not UTF-8.
        if (!Utf8.IsValid(payload.WrittenSpan))
        {
            return false;
        }

        error = null;
        return true;
    }

    private static void Compact(ReadOnlySpan<byte> json, ArrayBufferWriter<byte> payload)
    {
        while (!json.IsEmpty)
        {
            var at = json.IndexOfAny(QuoteOrSpace);
            if (at < 0)
            {
                payload.Write(json);
                return;
            }

            var end = json[at] == (byte)'"' ? EndOfString(json, at) : at;
            payload.Write(json[..end]);
            json = json[(json[at] == (byte)'"' ? end : at + 1)..];
        }
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
