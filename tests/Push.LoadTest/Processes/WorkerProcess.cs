using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Push.LoadTest.Processes;

/// <summary>This program once more, in another role, with JSON lines on its standard input and output.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan ExitDeadline = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly Task<string> _errors;

    public WorkerProcess(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Run as `dotnet Push.LoadTest.dll`, the process is the host and the program its first argument.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
        {
            start.ArgumentList.Add(typeof(WorkerProcess).Assembly.Location);
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // Saves the hop from the poll thread to the pool for each answer.
        start.Environment["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1";
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    public async Task WriteAsync<T>(T message, JsonTypeInfo<T> type)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(message, type));
        await _process.StandardInput.FlushAsync();
    }

    /// <exception cref="InvalidOperationException">The process has ended; with what it said.</exception>
    public async Task<T> ReadAsync<T>(JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize(await ReadLineAsync(cancellationToken), type)!;

    /// <exception cref="InvalidOperationException">The process has ended; with what it said.</exception>
    public async Task<string> ReadLineAsync(CancellationToken cancellationToken) =>
        await _process.StandardOutput.ReadLineAsync(cancellationToken)
        ?? throw new InvalidOperationException($"a child process ended: {(await _errors).Trim()}");

    /// <summary>Closes its input, which ends it.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(ExitDeadline);
        await _process.WaitForExitAsync(deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
