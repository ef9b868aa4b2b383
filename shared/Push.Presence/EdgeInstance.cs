using System.Diagnostics.CodeAnalysis;

namespace Push.Presence;

/// <summary>
/// An Edge as the store knows it. A restarted Edge, or one that registers everybody anew, is a new generation:
/// what an older one left behind is never taken for its own, and runs out.
/// </summary>
/// <param name="EdgeId">The configured id.</param>
/// <param name="Generation">Random.</param>
public readonly record struct EdgeInstance(string EdgeId, string Generation)
{
    private const char Separator = '/';

    public static EdgeInstance Next(string edgeId) => new(edgeId, Guid.NewGuid().ToString("N")[..12]);

    public static bool TryParse(string? text, [NotNullWhen(true)] out EdgeInstance? instance)
    {
        var separator = text?.LastIndexOf(Separator) ?? -1;
        instance = separator > 0 ? new EdgeInstance(text![..separator], text[(separator + 1)..]) : null;
        return instance is not null;
    }

    public override string ToString() => $"{EdgeId}{Separator}{Generation}";
}
