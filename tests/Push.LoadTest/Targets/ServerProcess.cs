using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Push.LoadTest.Native;

namespace Push.LoadTest.Targets;

/// <summary>A server started for a comparison, in a folder of its own that goes with it.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly string _folder;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private ServerProcess(Process process, string folder)
    {
        _process = process;
        _folder = folder;
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    /// <summary>A new folder under the temporary one.</summary>
    public static string NewFolder() => Directory.CreateTempSubdirectory("push-load-").FullName;

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts <paramref name="program"/> and waits until it accepts connections on <paramref name="port"/>.</summary>
    public static async Task<ServerProcess> StartAsync(string program, string folder, int port, CancellationToken cancellationToken, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var server = new ServerProcess(Process.Start(start)!, folder);
        try
        {
            await server.WaitForPortAsync(port, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        await Task.WhenAll(_output, _errors);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task WaitForPortAsync(int port, CancellationToken cancellationToken)
    {
        var deadline = MonotonicClock.Now + (long)StartDeadline.TotalNanoseconds;
        while (true)
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return;
            }
            catch (SocketException) when (!_process.HasExited && MonotonicClock.Now < deadline)
            {
                await Task.Delay(RetryInterval, cancellationToken);
            }
            catch (SocketException) when (_process.HasExited)
            {
                throw new InvalidOperationException($"{_process.StartInfo.FileName} ended: {await _output}{await _errors}");
            }
        }
    }
}
