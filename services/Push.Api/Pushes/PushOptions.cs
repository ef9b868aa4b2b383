using System.ComponentModel.DataAnnotations;

namespace Push.Api.Pushes;

/// <summary>What may be pushed. Section <c>Pushes</c>.</summary>
internal sealed class PushOptions
{
    public const string Section = "Pushes";

    /// <summary>A message's largest size as compact JSON: an Edge holds at least two for a connection. 1 KiB to 1 MiB. Default: 32 KiB.</summary>
    [Range(1024, 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 32 * 1024;

    /// <summary>The largest request body. White space and other fields may take up some room, but not any amount of it.</summary>
    public int MaxBodyBytes => 8 * MaxMessageBytes;
}
