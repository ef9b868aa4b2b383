using System.Globalization;

namespace Push.LoadTest.CommandLine;

/// <summary>Words, and options of the form <c>--name value</c>; an option may be given more than once.</summary>
internal sealed class Options
{
    private readonly List<(string Name, string Value)> _options = [];
    private readonly HashSet<string> _used = [];

    /// <exception cref="UsageException">An option has no value.</exception>
    public Options(IReadOnlyList<string> arguments)
    {
        var words = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal))
            {
                words.Add(arguments[i]);
            }
            else if (i + 1 == arguments.Count)
            {
                throw new UsageException($"{arguments[i]} needs a value");
            }
            else
            {
                _options.Add((arguments[i][2..], arguments[++i]));
            }
        }

        Words = words;
    }

    public IReadOnlyList<string> Words { get; }

    public string? Text(string name) => All(name).LastOrDefault();

    public IEnumerable<string> All(string name)
    {
        _used.Add(name);
        return _options.Where(o => o.Name == name).Select(o => o.Value);
    }

    /// <exception cref="UsageException">It is no number.</exception>
    public double? Number(string name) => Text(name) is not { } text
        ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= 0
            ? number
            : throw new UsageException($"--{name} must be a number, not {text}");

    /// <exception cref="UsageException">It is no whole number.</exception>
    public int? Whole(string name) => Text(name) is not { } text
        ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new UsageException($"--{name} must be a whole number, not {text}");

    /// <exception cref="UsageException">An option is unknown. Call it when all known ones have been asked for.</exception>
    public void RejectUnknown()
    {
        if (_options.Find(o => !_used.Contains(o.Name)) is { Name: { } unknown })
        {
            throw new UsageException($"unknown option --{unknown}");
        }
    }
}
