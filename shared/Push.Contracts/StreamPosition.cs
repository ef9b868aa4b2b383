using System.Globalization;

namespace Push.Contracts;

/// <summary>A place in the stream: the same publication has the same position on every Edge. Text form: <c>epoch:offset</c>.</summary>
/// <param name="Epoch">The identity of the stream: a new one begins when the stream is created again.</param>
/// <param name="Offset">0-based offset within the epoch.</param>
public readonly record struct StreamPosition(string Epoch, long Offset)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}:{Offset}");
}
