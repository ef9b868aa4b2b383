using System.ComponentModel.DataAnnotations;

namespace Push.Edge.Transports.WebSockets;

/// <summary>permessage-deflate (RFC 7692): whether clients that offer it get it, and for which messages. Section <c>Edge:Compression</c>.</summary>
internal sealed class CompressionOptions
{
    public const string Section = "Edge:Compression";

    /// <summary>Accepts the offers of clients. Default: false, so that nothing is negotiated and messages go out as they are.</summary>
    public bool Enabled { get; set; }

    /// <summary>A message is compressed from this size on, in bytes; a smaller one goes out as it is. 1 to 1 MiB. Default: 256.</summary>
    [Range(1, 1024 * 1024)]
    public int MinBytes { get; set; } = 256;
}
