using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace WorldCupReplay;

/// <summary>What the command line asks for.</summary>
internal sealed record ReplayOptions
{
    public const string Usage = "usage: WorldCupReplay [--url <address>] [--api-key <key>] [--speed <factor>|max] [--longest-pause <seconds>]";

    public Uri Url { get; private init; } = new("http://localhost:8080");

    public string? ApiKey { get; private init; }

    public ReplayPace Pace { get; private init; } = new(Speed: 600, LongestPause: TimeSpan.FromSeconds(2));

    public static bool TryParse(string[] args, [NotNullWhen(true)] out ReplayOptions? options, [NotNullWhen(false)] out string? complaint)
    {
        options = new ReplayOptions();
        complaint = null;
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : null;
            options = value is null ? null : options.With(args[i], value);
            if (options is null)
            {
                complaint = value is null ? $"{args[i]} needs a value" : $"cannot understand {args[i]} {value}";
                return false;
            }
        }

        return true;
    }

    private ReplayOptions? With(string name, string value) => name switch
    {
        "--url" when Uri.TryCreate(value, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https") => this with { Url = url },
        "--api-key" => this with { ApiKey = value },
        "--speed" when value is "max" => this with { Pace = ReplayPace.Unpaced },
        "--speed" when TryPositive(value, out var speed) => this with { Pace = Pace with { Speed = speed } },
        "--longest-pause" when TryPositive(value, out var seconds) => this with { Pace = Pace with { LongestPause = TimeSpan.FromSeconds(seconds) } },
        _ => null,
    };

    private static bool TryPositive(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && number is > 0 and < 1e9;
}
