namespace Push.Presence;

/// <summary>When a silent client is closed. Section <c>Liveness</c>; the same values in every service.</summary>
public sealed class LivenessOptions
{
    public const string Section = "Liveness";

    /// <summary>A session without a heartbeat for this long is closed by the next sweep: 1 second to 1 hour. Default: 30 seconds.</summary>
    public TimeSpan HeartbeatTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the sweeper looks for silent sessions: 100 milliseconds to 10 minutes. Default: 10 seconds.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(10);
}
