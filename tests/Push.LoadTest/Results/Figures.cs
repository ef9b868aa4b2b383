using System.Globalization;

namespace Push.LoadTest.Results;

/// <summary>Numbers as the tables show them: three significant digits, a dash where there is none.</summary>
internal static class Figures
{
    public const string None = "–";

    public static string Show(double? value) => value switch
    {
        null => None,
        >= 100_000 => value.Value.ToString("N0", CultureInfo.InvariantCulture),
        >= 100 => value.Value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 1 => value.Value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.000", CultureInfo.InvariantCulture),
    };

    /// <summary>The median, and how far the values lie apart.</summary>
    public static string Spread(IEnumerable<double?> values)
    {
        double?[] all = [.. values];
        return Median(all) is { } median ? $"{Show(median)} ({Show(all.Min())}..{Show(all.Max())})" : None;
    }

    /// <summary>The middle one; of two in the middle their mean. Null where there are none.</summary>
    public static double? Median(IEnumerable<double?> values)
    {
        double[] sorted = [.. values.Where(v => v is not null).Select(v => v!.Value).Order()];
        return sorted.Length == 0 ? null : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
