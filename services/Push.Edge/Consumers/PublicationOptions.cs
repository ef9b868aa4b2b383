using System.ComponentModel.DataAnnotations;

namespace Push.Edge.Consumers;

/// <summary>What an Edge takes from the broker. Section <c>Pushes</c>, shared with the Api.</summary>
internal sealed class PublicationOptions
{
    public const string Section = "Pushes";

    /// <summary>The largest message, as clients receive it. 1 KiB to 1 MiB; default 32 KiB.</summary>
    [Range(1 << 10, 1 << 20)]
    public int MaxMessageBytes { get; set; } = 32 << 10;

    /// <summary>The largest body that is parsed at all: escapes and indentation make it longer than the message.</summary>
    public int MaxBodyBytes => 16 * MaxMessageBytes;
}
