using System.ComponentModel.DataAnnotations;

namespace Push.Edge;

/// <summary>An Edge's connections: how many, how large, how long things may take. Section <c>Edge</c>.</summary>
internal sealed class EdgeOptions
{
    public const string Section = "Edge";

    /// <summary>
    /// Names this Edge in the presence store and on the bus: 1–64 of <c>[A-Za-z0-9_.-]</c>, unique among the running Edges.
    /// Default: the machine's name and a random suffix, new with each start.
    /// </summary>
    [RegularExpression("[A-Za-z0-9_.-]{1,64}", ErrorMessage = "must be 1-64 characters of A-Z a-z 0-9 _ . -")]
    public string Id { get; set; } = DefaultId();

    /// <summary>WebSockets at once; further upgrades are answered 503. 1 to 1,000,000. Default: 50,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 50_000;

    /// <summary>Rooms that one connection may name; further ones are ignored. 1 to 100. Default: 2.</summary>
    [Range(1, 100)]
    public int MaxRoomsPerConnection { get; set; } = 2;

    /// <summary>From the accepted TCP connection to its first byte, and from there to its complete request head. 100 ms to 1 minute each. Default: 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The largest request head (request line and header fields), in bytes; a larger one is answered 431 or 414. 1 KiB to 64 KiB. Default: 16 KiB.</summary>
    [Range(1024, 64 * 1024)]
    public int MaxRequestHeadBytes { get; set; } = 16 * 1024;

    /// <summary>The largest message that a client may send, in bytes; a larger one closes its connection with 1009. 125 to 1 MiB. Default: 4 KiB.</summary>
    [Range(125, 1024 * 1024)]
    public int MaxClientMessageBytes { get; set; } = 4 * 1024;

    /// <summary>
    /// What may wait for one connection, in bytes, before it counts as a slow consumer and is closed with 4101; at least twice the largest message.
    /// 4 KiB to 16 MiB. Default: 64 KiB.
    /// </summary>
    [Range(4 * 1024, 16 * 1024 * 1024)]
    public int SendQueueBytes { get; set; } = 64 * 1024;

    /// <summary>The kernel's send buffer of a socket, in bytes (Linux doubles it for its own use): bounds what a stalled client pins there. 4 KiB to 4 MiB. Default: 32 KiB.</summary>
    [Range(4 * 1024, 4 * 1024 * 1024)]
    public int SocketSendBufferBytes { get; set; } = 32 * 1024;

    /// <summary>Between two pings to a connection; one that answers neither of two is dropped. 1 s to 1 minute. Default: 25 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>
    /// How long a stopping Edge takes to send its connections away, evenly over nine tenths of it, and at most waits for them. 0 (all are cut at once)
    /// to 5 minutes. Default: 10 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    private static string DefaultId()
    {
        Span<char> name = stackalloc char[48];
        var length = 0;
        foreach (var c in Environment.MachineName)
        {
            if (length < name.Length && (char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'))
            {
                name[length++] = c;
            }
        }

        return string.Concat(name[..length], "-", Guid.NewGuid().ToString("N").AsSpan(0, 8));
    }
}
