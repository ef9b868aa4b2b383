namespace Push.Edge.Transports.Sockets;

/// <summary>Counts the sockets that this Edge has accepted, whoever serves them, below the limit of open files: some are kept back for broker, store and health.</summary>
/// <param name="max">How many there may be.</param>
internal sealed class SocketLimit(int max)
{
    /// <summary>Files that are kept back: those of the runtime, of broker and store, of the gateway to health and metrics.</summary>
    private const int KeptBack = 256;

    private int _count;

    public int Max => max;

    public int Count => Volatile.Read(ref _count);

    /// <summary>The limit of open files of this process, less what is kept back; <see cref="int.MaxValue"/> where there is none.</summary>
    public static unsafe int OfThisProcess()
    {
        const int OpenFiles = 7;
        var limits = stackalloc ulong[2];
        if (!OperatingSystem.IsLinux() || Libc.GetResourceLimit(OpenFiles, limits) != 0 || limits[0] > int.MaxValue)
        {
            return int.MaxValue;
        }

        return Math.Max((int)limits[0] / 2, (int)limits[0] - KeptBack);
    }

    /// <summary>False where there are too many already.</summary>
    public bool TryTake()
    {
        if (Interlocked.Increment(ref _count) <= max)
        {
            return true;
        }

        Return();
        return false;
    }

    public void Return() => Interlocked.Decrement(ref _count);
}
