using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Push.Contracts;

namespace Push.Edge.Transports.WebSockets;

/// <summary>What a handshake says (RFC 6455, section 4.2.1), wherever it was read: by the listener itself or by ASP.NET Core.</summary>
internal readonly record struct HandshakeRequest
{
    /// <summary>The only <see cref="Version"/> that there is.</summary>
    public const string SupportedVersion = "13";

    /// <summary>A GET of HTTP/1.1 that asks to be upgraded to <c>websocket</c>.</summary>
    public required bool IsUpgrade { get; init; }

    /// <summary><c>Sec-WebSocket-Version</c>.</summary>
    public required string? Version { get; init; }

    /// <summary><c>Sec-WebSocket-Key</c>.</summary>
    public required string? Key { get; init; }

    /// <summary><c>Sec-WebSocket-Extensions</c>, all of its fields; null where there is none.</summary>
    public required string? Extensions { get; init; }

    public required string? Origin { get; init; }

    public required string? Host { get; init; }

    /// <summary>It came through a gateway that listens on more than loopback.</summary>
    public required bool IsThroughNetworkGateway { get; init; }

    /// <summary>As it stands in the request line, with its question mark; empty where there is none.</summary>
    public required string Query { get; init; }
}

/// <summary>The query of <c>/ws</c>: <c>token</c> and <c>roomIds</c>. The first of several parameters of one name counts.</summary>
internal static class HandshakeQuery
{
    public const string Token = "token";
    public const string RoomIds = "roomIds";

    /// <summary>The decoded value of a parameter. Invalid escapes stay as they are, and make no valid token or room id. False where it is absent.</summary>
    public static bool TryFind(ReadOnlySpan<char> query, string name, out ReadOnlySpan<char> value)
    {
        query = query.TrimStart('?');
        foreach (var range in query.Split('&'))
        {
            var pair = query[range];
            var equals = pair.IndexOf('=');
            if (equals >= 0 && Decode(pair[..equals]).SequenceEqual(name))
            {
                value = Decode(pair[(equals + 1)..]);
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>
    /// The first <paramref name="limit"/> distinct rooms of <c>a,b</c>, trimmed, without empties. What follows them is not looked at.
    /// False where one of them is malformed: <paramref name="malformed"/> is that one.
    /// </summary>
    public static bool TryReadRooms(ReadOnlySpan<char> roomIds, int limit, out string[] rooms, [NotNullWhen(false)] out string? malformed)
    {
        rooms = [];
        malformed = null;
        foreach (var range in roomIds.Split(','))
        {
            if (rooms.Length == limit)
            {
                break;
            }

            var room = roomIds[range].Trim();
            if (room.IsEmpty)
            {
                continue;
            }

            if (!RoomId.IsValid(room))
            {
                malformed = room.ToString();
                return false;
            }

            var id = room.ToString();
            if (!rooms.Contains(id))
            {
                rooms = [.. rooms, id];
            }
        }

        return true;
    }

    private static ReadOnlySpan<char> Decode(ReadOnlySpan<char> text) =>
        text.ContainsAny('%', '+') ? Uri.UnescapeDataString(text.ToString().Replace('+', ' ')) : text;
}

/// <summary><c>Sec-WebSocket-Key</c> and the proof that it has been read (RFC 6455, section 4.2.2).</summary>
internal static class HandshakeKey
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
