using System.ComponentModel.DataAnnotations;

namespace Push.Edge;

/// <summary>An Edge's connections: how many, how large, how long things may take. Section <c>Edge</c>.</summary>
internal sealed class EdgeOptions : IValidatableObject
{
    public const string Section = "Edge";

    /// <summary>
    /// Names this Edge in the presence store and on the bus: 1–64 of <c>[A-Za-z0-9_.-]</c>, unique among the running Edges.
    /// Default: the machine's name and a random suffix, new with each start.
    /// </summary>
    [RegularExpression("[A-Za-z0-9_.-]{1,64}", ErrorMessage = "must be 1-64 characters of A-Z a-z 0-9 _ . -")]
    public string Id { get; set; } = DefaultId();

    /// <summary>
    /// How sockets are served. <c>auto</c>: by the event loops where the system is Linux, else through ASP.NET Core's pipes; <c>loop</c> and <c>pipes</c>:
    /// so and not otherwise. TLS goes through pipes in any case. Default: <c>auto</c>.
    /// </summary>
    [EnumDataType(typeof(EdgeTransport))]
    public EdgeTransport Transport { get; set; }

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

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Transport == EdgeTransport.Loop && !OperatingSystem.IsLinux())
        {
            yield return new ValidationResult("loop needs Linux; choose auto or pipes", [nameof(Transport)]);
        }
    }

    internal bool UsesSockets => Transport == EdgeTransport.Loop || (Transport == EdgeTransport.Auto && OperatingSystem.IsLinux());

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

/// <summary>How an Edge serves its sockets.</summary>
internal enum EdgeTransport
{
    /// <summary>As <see cref="Loop"/> where the system has epoll, else as <see cref="Pipes"/>.</summary>
    Auto,

    /// <summary>The event loops accept, read and write the sockets themselves.</summary>
    Loop,

    /// <summary>ASP.NET Core accepts and reads; the loops write into its pipes.</summary>
    Pipes,
}
