using System.Net;
using System.Net.Sockets;
using Push.TestKit;
using Push.TestKit.Processes;

namespace Push.LoadTest.Targets;

/// <summary>A peer's server, with a folder of its own that goes with it.</summary>
internal sealed class PeerProgram : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private readonly ChildProcess _process;
    private readonly PrivateFolder _folder;

    private PeerProgram(ChildProcess process, PrivateFolder folder)
    {
        _process = process;
        _folder = folder;
    }

    public int Id => _process.Id;

    /// <summary>Starts <paramref name="program"/> and waits until it accepts connections on <paramref name="port"/>.</summary>
    public static async Task<PeerProgram> StartAsync(
        string program, IEnumerable<string> arguments, PrivateFolder folder, int port, CancellationToken cancellationToken)
    {
        var process = ChildProcess.Start(program, program, arguments, new Dictionary<string, string?>());
        var peer = new PeerProgram(process, folder);
        try
        {
            await Deadline.UntilAsync(token => peer.AcceptsAsync(port, token), StartLimit, $"{program} accepts connections", cancellationToken);
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Asked to, nginx takes its worker along; killed, it leaves it behind.
        await _process.StopAsync(StopLimit);
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<bool> AcceptsAsync(int port, CancellationToken cancellationToken)
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"{_process.Name} ended: {_process.Log.Tail()}");
        }

        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await probe.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
