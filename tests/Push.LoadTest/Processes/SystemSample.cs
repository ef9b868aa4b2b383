using Push.LoadTest.Native;
using Push.LoadTest.Results;

namespace Push.LoadTest.Processes;

/// <summary>All parts at one moment.</summary>
internal sealed record SystemSample(long Time, IReadOnlyDictionary<string, ProcessSample> Roles)
{
    public static SystemSample Take(IEnumerable<ProcessRole> roles) =>
        new(MonotonicClock.Now, roles.ToDictionary(r => r.Name, r => r.Sample()));

    /// <summary>What each part used from here to <paramref name="end"/>.</summary>
    public Dictionary<string, RoleUsage> Until(SystemSample end, long deliveries) => Roles.ToDictionary(
        role => role.Key,
        role => new RoleUsage
        {
            CpuSeconds = Math.Round(end.Roles[role.Key].CpuSeconds - role.Value.CpuSeconds, 2),
            CpuSecondsPerMillion = deliveries == 0 ? null : (end.Roles[role.Key].CpuSeconds - role.Value.CpuSeconds) / deliveries * 1e6,
            RssBytes = end.Roles[role.Key].RssBytes,
            RssGrowthBytes = end.Roles[role.Key].RssBytes - role.Value.RssBytes,
            Handles = end.Roles[role.Key].Handles,
            Threads = end.Roles[role.Key].Threads,
        });

    public double SecondsSince(SystemSample earlier) => MonotonicClock.Seconds(Time - earlier.Time);
}
