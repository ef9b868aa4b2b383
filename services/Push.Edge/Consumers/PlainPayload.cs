using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using Push.Contracts;

namespace Push.Edge.Consumers;

/// <summary>Writes a message as plain-mode clients receive it: a string as its text, an object or array as compact JSON.</summary>
internal static class PlainPayload
{
    /// <summary>Replaces what <paramref name="payload"/> holds. <paramref name="message"/> is well-formed JSON; its tokens stay as they are, spaces between them go.</summary>
    /// <returns>False, with a reason, for a text that no WebSocket text frame may hold.</returns>
    public static bool TryWrite(ReadOnlySpan<byte> message, ArrayBufferWriter<byte> payload, [NotNullWhen(false)] out string? error)
    {
        payload.ResetWrittenCount();
        error = "message holds text that is not valid Unicode";
        if (message[0] != (byte)'"')
        {
            CompactJson.Write(message, payload);
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
}
