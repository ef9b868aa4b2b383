using System.Globalization;

namespace Push.LoadTest.Processes;

/// <summary>What <c>/proc</c> says about processes.</summary>
internal static class ProcFile
{
    // sysconf(_SC_CLK_TCK): 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>Null when the process is gone.</summary>
    public static ProcessSample? Sample(int process)
    {
        try
        {
            // pid (name) state …: the name may hold anything, so count from its closing bracket. Fields by proc(5), from the third.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var ticks = Number(fields[14 - 3]) + Number(fields[15 - 3]);
            return new ProcessSample(
                ticks / TicksPerSecond,
                Number(fields[24 - 3]) * Environment.SystemPageSize,
                Directory.GetFiles($"/proc/{process}/fd").Length,
                (int)Number(fields[20 - 3]));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Processes whose command line contains <paramref name="text"/>, this one left out.</summary>
    public static IEnumerable<int> ByCommandLine(string text) => Processes()
        .Where(process => process != Environment.ProcessId && TryRead($"/proc/{process}/cmdline").Replace('\0', ' ').Contains(text, StringComparison.Ordinal));

    /// <summary>Processes that listen on a TCP port.</summary>
    public static IEnumerable<int> ByPort(int port)
    {
        // sl local_address rem_address st … inode; state 0A listens.
        var sockets = File.ReadLines("/proc/net/tcp").Concat(File.ReadLines("/proc/net/tcp6"))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == "0A" && fields[1].EndsWith($":{port:X4}", StringComparison.Ordinal))
            .Select(fields => $"socket:[{fields[9]}]")
            .ToHashSet();
        return Processes().Where(process => Descriptors(process).Any(sockets.Contains));
    }

    private static IEnumerable<int> Processes() => Directory.GetDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var process) ? process : 0)
        .Where(process => process > 0);

    private static List<string> Descriptors(int process)
    {
        try
        {
            return [.. new DirectoryInfo($"/proc/{process}/fd").GetFiles().Select(f => f.LinkTarget ?? "")];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
