using System.Buffers;

namespace Push.Contracts;

/// <summary>The form of a room id: 1–64 characters of <c>[A-Za-z0-9_.:-]</c>.</summary>
public static class RoomId
{
    public const int MaxLength = 64;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-");

    /// <summary>Whether <paramref name="value"/> is a well-formed room id.</summary>
    public static bool IsValid(ReadOnlySpan<char> value) =>
        value.Length is > 0 and <= MaxLength && !value.ContainsAnyExcept(Allowed);
}
