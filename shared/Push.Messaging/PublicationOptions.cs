using System.ComponentModel.DataAnnotations;

namespace Push.Messaging;

/// <summary>What may be published: the Api refuses the rest, and an Edge sets it aside. Section <c>Pushes</c>; give all services the same.</summary>
public sealed class PublicationOptions
{
    public const string Section = "Pushes";

    /// <summary>Levels of objects and arrays in a publication, itself included.</summary>
    public const int MaxDepth = 64;

    /// <summary>A message's largest size as clients receive it: an Edge holds at least two for a connection. 1 KiB to 1 MiB; default 32 KiB.</summary>
    [Range(1 << 10, 1 << 20)]
    public int MaxMessageBytes { get; set; } = 32 << 10;

    /// <summary>The largest request body. White space and other fields may take up some room, but not any amount of it.</summary>
    public int MaxRequestBytes => 8 * MaxMessageBytes;

    /// <summary>The largest record of the stream that is parsed at all: foreign publishers' escapes, indentation and envelopes make it longer than the message.</summary>
    public int MaxRecordBytes => 16 * MaxMessageBytes;
}
