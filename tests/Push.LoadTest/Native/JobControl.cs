namespace Push.LoadTest.Native;

/// <summary>Stops and continues other processes, as job control does.</summary>
internal static class JobControl
{
    private const int SigCont = 18;
    private const int SigStop = 19;

    public static void Pause(IEnumerable<int> processes) => Signal(processes, SigStop);

    public static void Continue(IEnumerable<int> processes) => Signal(processes, SigCont);

    private static void Signal(IEnumerable<int> processes, int signal)
    {
        foreach (var process in processes)
        {
            _ = Libc.Kill(process, signal);
        }
    }
}
