using System.ComponentModel.DataAnnotations;

namespace Push.Gateway;

/// <summary>What the gateway lets through. Section <c>Gateway</c>.</summary>
internal sealed class GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>The largest request body. 1 KiB to 64 MiB. Default: 1 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// Requests a second from one client address; more are answered 429. 0 to 1,000,000, where 0 is no limit. Default: 0.
    /// Behind another proxy all clients have its address: set the limit there instead.
    /// </summary>
    [Range(0, 1_000_000)]
    public int RequestsPerSecond { get; set; }

    /// <summary>How long a stopping gateway takes to send its WebSockets away. 0 to 10 minutes. Default: 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
