using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Push.Contracts;

/// <summary>
/// Reads the times in a publication. They are measured and passed on, never acted upon, so every form that can mean only one moment is taken:
/// ISO 8601 in its extended and basic forms with any separator that is in use, a leap second, and Unix time in seconds or milliseconds.
/// </summary>
public static partial class EventTime
{
    private const int MaxLength = 64;

    // 5138-11-16 in seconds, 1973-03-03 in milliseconds: no event that is measured lies beyond.
    private const decimal FirstMilliseconds = 100_000_000_000;

    /// <summary>Reads the JSON string or number that <paramref name="reader"/> is at. A time without an offset is UTC.</summary>
    /// <param name="reader">Stays where it is.</param>
    /// <param name="time">With a precision of 100 ns; further digits are cut off.</param>
    public static bool TryRead(ref Utf8JsonReader reader, out DateTimeOffset time)
    {
        time = default;
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number) || reader.ValueSpan.Length > MaxLength)
        {
            return false;
        }

        // The usual form first: it costs no text.
        if (reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out time) && reader.TryGetDateTime(out var local))
        {
            time = local.Kind == DateTimeKind.Unspecified ? new DateTimeOffset(local, TimeSpan.Zero) : time;
            return true;
        }

        return !reader.ValueIsEscaped && Ascii.IsValid(reader.ValueSpan) && TryRead(Encoding.ASCII.GetString(reader.ValueSpan), out time);
    }

    private static bool TryRead(string text, out DateTimeOffset time)
    {
        text = text.Trim();
        var match = Iso8601().Match(text);
        return match.Success ? TryReadDate(match, out time) : TryReadUnix(text, out time);
    }

    private static bool TryReadUnix(string text, out DateTimeOffset time)
    {
        time = default;
        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        // Eight digits without anything else are a date as well (20260611): that is ambiguous.
        if (text.Length <= 8)
        {
            return false;
        }

        var milliseconds = Math.Abs(number) < FirstMilliseconds ? number * 1000 : number;
        if (milliseconds < DateTimeOffset.MinValue.ToUnixTimeMilliseconds() || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            return false;
        }

        time = DateTimeOffset.UnixEpoch.AddTicks((long)(milliseconds * TimeSpan.TicksPerMillisecond));
        return true;
    }

    private static bool TryReadDate(Match match, out DateTimeOffset time)
    {
        time = default;
        var second = Number(match, "second");
        var fraction = match.Groups["fraction"].Value.PadRight(7, '0')[..7];
        try
        {
            // A leap second is the last moment of its minute.
            var isLeap = second == 60;
            var local = new DateTime(Number(match, "year"), Number(match, "month"), Number(match, "day"), Number(match, "hour"), Number(match, "minute"), isLeap ? 59 : second)
                .AddTicks(isLeap ? TimeSpan.TicksPerSecond - 1 : int.Parse(fraction, CultureInfo.InvariantCulture));
            var offset = new TimeSpan(Number(match, "offsetHour"), Number(match, "offsetMinute"), 0);
            time = new DateTimeOffset(local, match.Groups["sign"].Value == "-" ? -offset : offset);
            return Number(match, "offsetMinute") < 60;
        }
        catch (ArgumentException)
        {
            // A month of 13, an offset of 20 hours, a time before the year 1.
            return false;
        }
    }

    private static int Number(Match match, string group) =>
        match.Groups[group] is { Success: true } digits ? int.Parse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(
        @"^(?<year>\d{4})(?<dash>-?)(?<month>\d\d)\k<dash>(?<day>\d\d)[Tt_ ]+(?<hour>\d\d)(?<colon>:?)(?<minute>\d\d)(\k<colon>(?<second>\d\d)([.,](?<fraction>\d+))?)?"
        + @" ?([Zz]|UTC|GMT|(?<sign>[+-])(?<offsetHour>\d\d)(:?(?<offsetMinute>\d\d))?)?$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Iso8601();
}
