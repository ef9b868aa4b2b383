using System.Buffers;
using System.Text.Json;
using Push.Contracts;

namespace Push.Edge.Protocols;

/// <summary>Writes a message as plain-mode clients receive it: a string as its text, an object or array as compact JSON.</summary>
internal static class PlainPayload
{
    /// <summary>
    /// Replaces what <paramref name="payload"/> holds. <paramref name="message"/> is one that the decoder has found valid: UTF-8, as a text frame must be
    /// (RFC 6455, section 8.1), and without half of a surrogate pair in a string. Its tokens stay as they are, spaces between them go.
    /// </summary>
    public static void Write(ReadOnlySpan<byte> message, ArrayBufferWriter<byte> payload)
    {
        payload.ResetWrittenCount();
        if (message[0] != (byte)'"')
        {
            CompactJson.Write(message, payload);
        }
        else if (message.Contains((byte)'\\'))
        {
            var reader = new Utf8JsonReader(message);
            reader.Read();
            payload.Advance(reader.CopyString(payload.GetSpan(message.Length)));
        }
        else
        {
            payload.Write(message[1..^1]);
        }
    }
}
