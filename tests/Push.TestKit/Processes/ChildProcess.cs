using System.ComponentModel;
using System.Diagnostics;

namespace Push.TestKit.Processes;

/// <summary>
/// A program of the test's own. It ends with the test, also when the test process is killed: a shell waits beside it for the end
/// of the pipe that only the test process holds open, and then kills it by its id.
/// </summary>
public sealed class ChildProcess : IAsyncDisposable
{
    // After exec the program has the shell's id ($$). A line on the pipe says that it has ended by itself: its id may be another's by then.
    private const string Watched =
        """exec 3<&0; (if read -r _ <&3; then exit; fi; kill -KILL $$) >/dev/null 2>&1 & exec 3<&- </dev/null; exec "$@" """;

    private readonly Process _process;

    private ChildProcess(string name, Process process)
    {
        Name = name;
        _process = process;
    }

    public string Name { get; }

    public ProcessLog Log { get; } = new();

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public static ChildProcess Start(string name, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(environment);
        var start = new ProcessStartInfo("/bin/sh", ["-c", Watched, "sh", program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        var child = new ChildProcess(name, new Process { StartInfo = start });
        child._process.OutputDataReceived += (_, line) => child.Log.Add(line.Data);
        child._process.ErrorDataReceived += (_, line) => child.Log.Add(line.Data);
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    public Task PauseAsync(CancellationToken cancellationToken = default) => SignalAsync("STOP", cancellationToken);

    public Task ResumeAsync(CancellationToken cancellationToken = default) => SignalAsync("CONT", cancellationToken);

    /// <summary>As a crash: no chance to clean up.</summary>
    public Task KillAsync() => EndAsync(() => SignalAsync("KILL", CancellationToken.None), TimeSpan.FromSeconds(10));

    /// <summary>Asks the program to end; what has not ended after <paramref name="grace"/> is a failure.</summary>
    public Task StopAsync(TimeSpan grace) => EndAsync(() => SignalAsync("TERM", CancellationToken.None), grace);

    /// <summary>Waits until it ends by itself and has printed all; gives its exit code.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan limit)
    {
        await _process.WaitForExitAsync().WithinAsync(limit, $"the end of {Name} (process {Id})");
        return _process.ExitCode;
    }

    /// <summary>Sends a signal by its name without <c>SIG</c>.</summary>
    public async Task SignalAsync(string signal, CancellationToken cancellationToken)
    {
        if (_process.HasExited)
        {
            return;
        }

        try
        {
            using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync(cancellationToken);
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException("The program `kill` is missing: install procps.", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        DismissWatcher();
        _process.Dispose();
    }

    private async Task EndAsync(Func<Task> signal, TimeSpan limit)
    {
        await signal();
        await _process.WaitForExitAsync().WithinAsync(limit, $"the end of {Name} (process {Id})");
    }

    private void DismissWatcher()
    {
        try
        {
            _process.StandardInput.WriteLine("ended");
        }
        catch (IOException)
        {
            // It is gone already.
        }
    }
}
