using System.Diagnostics;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Net;
using System.Net.Sockets;

namespace Push.Benchmarks.Fanout;

/// <summary>The clients, in a process of their own so that their CPU is not the server's. Tells through shared memory how many bytes each has read.</summary>
internal sealed class Receiver : IDisposable
{
    public const string Command = "fanout-receiver";

    private readonly string _path = Path.GetTempFileName();
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _counts;
    private readonly Process _process;

    public Receiver(IPEndPoint server, int sockets)
    {
        _file = Open(_path, sockets);
        _counts = _file.CreateViewAccessor();
        string[] arguments = [typeof(Receiver).Assembly.Location, Command, $"{server.Port}", $"{sockets}", _path];
        _process = Process.Start(Environment.ProcessPath!, arguments);
    }

    /// <summary>What one of them has read.</summary>
    public long Bytes(int index) => _counts.ReadInt64(index * sizeof(long));

    /// <summary>What the one that has read least has read.</summary>
    public long LeastBytes(int sockets)
    {
        var least = long.MaxValue;
        for (var i = 0; i < sockets; i++)
        {
            least = Math.Min(least, Bytes(i));
        }

        return least;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
        _counts.Dispose();
        _file.Dispose();
        File.Delete(_path);
    }

    public static async Task RunAsync(string[] settings)
    {
        var port = int.Parse(settings[0], CultureInfo.InvariantCulture);
        var sockets = int.Parse(settings[1], CultureInfo.InvariantCulture);
        using var file = Open(settings[2], sockets);
        using var counts = file.CreateViewAccessor();
        await Task.WhenAll(Enumerable.Range(0, sockets).Select(i => ReceiveAsync(port, count => counts.Write(i * sizeof(long), count))));
    }

    private static MemoryMappedFile Open(string path, int sockets) =>
        MemoryMappedFile.CreateFromFile(
            new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite),
            mapName: null,
            sockets * sizeof(long),
            MemoryMappedFileAccess.ReadWrite,
            HandleInheritability.None,
            leaveOpen: false);

    private static async Task ReceiveAsync(int port, Action<long> report)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var buffer = new byte[16 * 1024];
        var total = 0L;
        for (int count; (count = await socket.ReceiveAsync(buffer)) > 0; report(total))
        {
            total += count;
        }
    }
}
