using System.Runtime.InteropServices;

namespace Push.LoadTest.Results;

/// <summary>Where something was measured.</summary>
internal sealed record Machine(string Processor, int Cores, long MemoryBytes, string Kernel, string Runtime)
{
    public static Machine Here() => new(
        Field("/proc/cpuinfo", "model name"),
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        RuntimeInformation.FrameworkDescription);

    public override string ToString() => $"{Processor}, {Cores} cores, {MemoryBytes >> 30} GiB, Linux {Kernel}, {Runtime}";

    private static string Field(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";
}
