using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Push.Edge.Listening;

/// <summary><c>Sec-WebSocket-Key</c> and the proof that it has been read (RFC 6455, section 4.2.2).</summary>
internal static class UpgradeKey
{
    /// <summary>Sixteen random bytes in Base64.</summary>
    private const int Length = 24;

    private const int AcceptLength = 28;

    private static ReadOnlySpan<byte> Guid => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;

    private static ReadOnlySpan<byte> ResponseStart =>
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "u8;

    private static ReadOnlySpan<byte> ExtensionsStart => "\r\nSec-WebSocket-Extensions: "u8;

    private static ReadOnlySpan<byte> ResponseEnd => "\r\n\r\n"u8;

    public static int ResponseLength(string? extensions) =>
        ResponseStart.Length + AcceptLength + (extensions is null ? 0 : ExtensionsStart.Length + extensions.Length) + ResponseEnd.Length;

    public static bool IsValid([NotNullWhen(true)] string? key) =>
        key is { Length: Length } && Base64.IsValid(key, out var decodedLength) && decodedLength == 16;

    /// <summary>The whole head of the 101 response.</summary>
    /// <param name="key">A valid key.</param>
    /// <param name="extensions">What has been negotiated; null where nothing has.</param>
    /// <param name="response"><see cref="ResponseLength"/> bytes.</param>
    public static void WriteResponse(string key, string? extensions, Span<byte> response)
    {
        ResponseStart.CopyTo(response);
        response = response[ResponseStart.Length..];
        WriteAccept(key, response);
        response = response[AcceptLength..];
        if (extensions is not null)
        {
            ExtensionsStart.CopyTo(response);
            response = response[ExtensionsStart.Length..];
            response = response[Encoding.ASCII.GetBytes(extensions, response)..];
        }

        ResponseEnd.CopyTo(response);
    }

    /// <summary>The value of <c>Sec-WebSocket-Accept</c>.</summary>
    public static string Accept(string key)
    {
        Span<byte> accept = stackalloc byte[AcceptLength];
        WriteAccept(key, accept);
        return Encoding.ASCII.GetString(accept);
    }

    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "The protocol names SHA-1; nothing rests on its strength.")]
    private static void WriteAccept(string key, Span<byte> accept)
    {
        Span<byte> text = stackalloc byte[Length + Guid.Length];
        Encoding.ASCII.GetBytes(key, text);
        Guid.CopyTo(text[Length..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(text, hash);
        Base64.EncodeToUtf8(hash, accept, out _, out _);
    }
}
