namespace Push.LoadTest.Processes;

/// <param name="CpuSeconds">User and system time since its start.</param>
/// <param name="RssBytes">Resident memory.</param>
/// <param name="Handles">Open file descriptors.</param>
/// <param name="Threads">Threads.</param>
internal sealed record ProcessSample(double CpuSeconds, long RssBytes, int Handles, int Threads)
{
    public static ProcessSample operator +(ProcessSample a, ProcessSample b) =>
        new(a.CpuSeconds + b.CpuSeconds, a.RssBytes + b.RssBytes, a.Handles + b.Handles, a.Threads + b.Threads);
}
