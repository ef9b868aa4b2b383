namespace Push.LoadTest.Results;

/// <summary>One case, run one right after the other without telemetry and with it.</summary>
internal sealed record TelemetryPair(CaseResult Silent, CaseResult Observed)
{
    /// <summary>How many times the CPU of a part per delivery it is with telemetry; null where the part did nothing.</summary>
    public double? Ratio(string part) => (Of(Silent, part), Of(Observed, part)) is ({ } silent and > 0, { } observed) ? observed / silent : null;

    /// <summary>CPU-seconds of a part per million deliveries.</summary>
    public static double? Of(CaseResult result, string part) => result.Roles.GetValueOrDefault(part)?.CpuSecondsPerMillion;
}
