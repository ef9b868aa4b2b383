using System.Globalization;

namespace WorldCupReplay.Tournament;

/// <summary>
/// A minute of a match, <c>67</c>, or of the time added to a half, <c>45+3</c>. Added time belongs to its half:
/// <c>45+3</c> comes before <c>46</c>, although the wall clock says otherwise.
/// </summary>
internal readonly record struct MatchMinute(int Regular, int Added) : IComparable<MatchMinute>
{
    public static MatchMinute Parse(string text)
    {
        var parts = text.Split('+');
        return parts.Length <= 2 && TryNumber(parts[0], out var regular) && TryNumber(parts.Length == 2 ? parts[1] : "0", out var added)
            ? new MatchMinute(regular, added)
            : throw new FormatException($"'{text}' is not a minute such as '67' or '45+3'");
    }

    public int CompareTo(MatchMinute other) => (Regular, Added).CompareTo((other.Regular, other.Added));

    public override string ToString() => Added == 0 ? $"{Regular}" : $"{Regular}+{Added}";

    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
