using System.Text.RegularExpressions;

namespace Push.EndToEndTests.Telemetry;

/// <summary>What an expression of Prometheus names.</summary>
internal static partial class PromQl
{
    private static readonly HashSet<string> Keywords = ["and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset"];

    /// <summary>The metrics: every name that is neither a function, a keyword nor a label.</summary>
    public static IReadOnlySet<string> MetricsOf(string expression) =>
        Name().Matches(NoMetrics().Replace(expression, " ")).Select(match => match.Value).Where(name => !Keywords.Contains(name)).ToHashSet();

    /// <summary>Strings, matchers, ranges, and lists of labels.</summary>
    [GeneratedRegex("""\"[^"]*\"|\{[^}]*\}|\[[^\]]*\]|\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)""")]
    private static partial Regex NoMetrics();

    [GeneratedRegex(@"(?<![\w:.])[a-zA-Z_:][\w:]*\b(?!\s*\()")]
    private static partial Regex Name();
}
