using System.Diagnostics.CodeAnalysis;
using Push.Contracts;

namespace Push.Edge.Listening;

/// <summary>The query of <c>/ws</c>: <c>token</c> and <c>roomIds</c>. The first of several parameters of one name counts.</summary>
internal static class UpgradeQuery
{
    public const string Token = "token";
    public const string RoomIds = "roomIds";

    /// <summary>The decoded value of a parameter; null where it is absent. Invalid escapes stay as they are, and make no valid token or room id.</summary>
    public static string? Find(ReadOnlySpan<char> query, string name)
    {
        query = query.TrimStart('?');
        foreach (var range in query.Split('&'))
        {
            var pair = query[range];
            var equals = pair.IndexOf('=');
            if (equals >= 0 && Decode(pair[..equals]).Equals(name, StringComparison.Ordinal))
            {
                return Decode(pair[(equals + 1)..]);
            }
        }

        return null;
    }

    /// <summary>
    /// The first <paramref name="limit"/> distinct rooms of <c>a,b</c>, trimmed, without empties. What follows them is not looked at.
    /// False where one of them is malformed: <paramref name="malformed"/> is that one.
    /// </summary>
    public static bool TryReadRooms(string? roomIds, int limit, out string[] rooms, [NotNullWhen(false)] out string? malformed)
    {
        rooms = [];
        malformed = null;
        var list = roomIds.AsSpan();
        foreach (var range in list.Split(','))
        {
            if (rooms.Length == limit)
            {
                break;
            }

            var room = list[range].Trim();
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

    private static string Decode(ReadOnlySpan<char> text) =>
        text.ContainsAny('%', '+') ? Uri.UnescapeDataString(text.ToString().Replace('+', ' ')) : text.ToString();
}
